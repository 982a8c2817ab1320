"""`with`: entering context managers and leaving them, with or without an exception of the interpreted program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradguard.interpreter.values import Raised

if TYPE_CHECKING:
    from gradguard.interpreter.frames import Frame
    from gradguard.interpreter.machine import Machine


@contextmanager
def entered(machine: Machine, items: list[ast.withitem], frame: Frame) -> Iterator[None]:
    """Within: the managers of `items` are entered, in order. They are left in reverse, and may swallow what the body throws.

    A path that ends within leaves nothing: nobody looks at its state any more.
    """
    if not items:
        yield
        return
    expression = items[0].context_expr
    manager = machine.evaluate(expression, frame)
    frame.node = expression
    value = machine.call_method(manager, "__enter__")
    if items[0].optional_vars is not None:
        machine.assign(items[0].optional_vars, value, frame)
    try:
        with entered(machine, items[1:], frame):
            yield
    except Raised as raised:
        if machine.call_method(manager, "__exit__", [machine.type_of(raised.value), raised.value, None]) is not True:
            raise
    else:
        frame.node = expression
        machine.call_method(manager, "__exit__", [None, None, None])
