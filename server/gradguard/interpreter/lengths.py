"""How long the unknown is taken to be: the rounds that a loop up to an unknown end has run are that end, on this path.

So the last round is the last one for a condition such as `i < n - 1`, in this loop and wherever the number is met again.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradguard.interpreter.values import Unknown

if TYPE_CHECKING:
    from gradguard.interpreter.values import Value

_OPERATORS: dict[object, Callable[[Any, Any], int | bool]] = {
    name: getattr(operator, name)
    for name in ("add", "sub", "mul", "floordiv", "mod", "lt", "le", "gt", "ge", "eq", "ne")
}


class Lengths:
    """The unknown numbers that have been taken for a length, by the keys of their values."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken: dict[object, int] = {}

    def take(self, end: Value, number: int) -> None:
        """The unknown `end` is `number`, unless it was taken for another number before."""
        if isinstance(end, Unknown) and end.key is not None:
            self._taken.setdefault(end.key, number)

    def of(self, key: object) -> int | None:
        """The number of the unknown with the (hashable) key, computed from lengths; None if they do not tell."""
        if isinstance(key, int):
            return key
        if not self._taken or key in self._taken:
            return self._taken.get(key)
        if not isinstance(key, tuple) or len(key) != 3 or key[0] not in _OPERATORS:
            return None
        left, right = self.of(key[1]), self.of(key[2])
        if left is None or right is None or (right == 0 and key[0] in ("floordiv", "mod")):
            return None
        return _OPERATORS[key[0]](left, right)


def asks_for_a_number(condition: ast.AST) -> bool:
    """Whether a condition compares something with a constant, as `n > 4` does.

    What is taken for a length stands for any: it tells where in a sequence something is, not how long the sequence is.
    """
    return isinstance(condition, ast.Compare) and any(
        isinstance(side, ast.Constant) for side in (condition.left, *condition.comparators)
    )
