"""What an unknown condition is taken to be: a choice of the oracle, the same each time the condition is met on a path."""

from __future__ import annotations

import ast
from collections import deque
from typing import TYPE_CHECKING

from gradguard.interpreter.frames import Frame
from gradguard.interpreter.lengths import asks_for_a_number
from gradguard.interpreter.operations import is_plain
from gradguard.interpreter.values import Instance, OrderedSet, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def truth(machine: Machine, value: Value, node: ast.AST, frame: Frame, default: bool | None = None) -> bool:
    """Whether a condition holds on this path; an unknown one is a choice, recognised if it is met again.

    `default` False marks a guard, which is ordinarily not entered.
    """
    if value is True or value is False:
        return value
    if isinstance(value, Unknown):
        preferred = value.default if default is None else default
        if value.key is None:
            value.key = machine.oracle.fresh_key(id(node))  # from now on this very value is recognised
        key = value.key
        if type(key) is tuple and len(key) == 2 and key[0] == "not":
            return not _chosen(machine, key[1], node, not preferred, guard=default is False, negated=True)
        return _chosen(machine, key, node, preferred, guard=default is False)
    if machine.is_tensor(value):
        known = machine.tensors.fills.of(value)
        if known is not None:
            return bool(known)
        key = ("truth", value, value.version)
        return _chosen(machine, key, node, True if default is None else default, guard=default is False)
    return truth_of(machine, value)


def truth_of(machine: Machine, value: Value, default: bool = True) -> bool:
    """The truth of a value that is no condition to choose on."""
    if isinstance(value, Instance):
        for name in ("__bool__", "__len__"):
            method = machine.method(value, name)
            if method is not None:
                result = machine.call(method, [], {})
                return bool(result) if isinstance(result, int) else default
        return bool(value.payload) if value.payload is not None else True
    if is_plain(value) or isinstance(value, (deque, OrderedSet)):
        return bool(value)
    return default if isinstance(value, Unknown) else True


def one_of(machine: Machine, ordinary: Value, other: Value, name: str) -> Value:
    """What `max(…)` or `min(…)` picks of two values whose order is not known."""
    frame = machine.stack[-1]
    key = machine.oracle.fresh_key(id(frame.node))
    taken = machine.oracle.choose(key, "guard", f"`{name}` takes the tensor", True, (id(frame.node), name))
    return ordinary if taken else other


def _chosen(
    machine: Machine, key: object, node: ast.AST, default: bool, *, guard: bool = False, negated: bool = False
) -> bool:
    if not _hashable(key):
        key = machine.oracle.fresh_key(id(node))
    made = machine.oracle.taken.get(key)
    if made is not None:
        return made.value
    known = None if asks_for_a_number(node) else machine.lengths.of(key)
    if known is not None:
        return bool(known)
    if machine.stack and machine.stack[-1].library:
        return default  # no path of its own: the prelude is written so that the ordinary way comes first
    text = "the pattern" if not isinstance(node, ast.expr) else _opposite_of(node) if negated else _text_of(node)
    path = machine.stack[-1].scope.path if machine.stack else ""
    return machine.oracle.choose(key, "guard" if guard else "condition", text, default, id(node), path)


def _text_of(node: ast.expr) -> str:
    text: str | None = getattr(node, "gradguard_text", None)
    if text is None:
        text = ast.unparse(node)
        node.gradguard_text = text  # type: ignore[attr-defined]  # kept with the tree: every path asks again
    return text


_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.IsNot: ast.Is, ast.NotIn: ast.In}


def _opposite_of(node: ast.expr) -> str:
    """The condition that is true where `node` is false, in the user's words: `x is None` for `x is not None`."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _text_of(node.operand)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPPOSITE:
        return ast.unparse(ast.Compare(node.left, [_OPPOSITE[type(node.ops[0])]()], node.comparators))
    return f"not {_text_of(node)}"


def _hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True
