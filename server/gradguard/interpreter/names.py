"""Names: looked up through the scopes, and bound by assignments of every shape."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter import imports, scopes
from gradguard.interpreter.frames import MISSING, Frame
from gradguard.interpreter.shared import SHARED
from gradguard.interpreter.values import Deferred, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def lookup(machine: Machine, name: str, frame: Frame) -> Value:
    """The value of a name as seen from `frame`; unknown if nothing in view binds it."""
    if frame.globals is None or name not in frame.globals:
        value = frame.locals.get(name, MISSING)
        if value is not MISSING:
            return imports.settle(machine, frame.locals, name, value) if type(value) is Deferred else value
        outer = frame.enclosing
        while outer is not None:
            names = outer.locals
            if name in names and not outer.class_body:
                value = names[name]
                return imports.settle(machine, names, name, value) if type(value) is Deferred else value
            outer = outer.enclosing
    value = scopes.global_name(machine, frame.scope, name)
    if value is not MISSING:
        return value
    found = SHARED.builtins.get(name)
    if found is not None:
        return found
    if name == "__name__":
        return "__main__" if not frame.scope.lazy else frame.scope.dotted
    if name == "__file__":
        return Unknown(("file", frame.scope.path))
    return Unknown(("name", name))


def bind(machine: Machine, name: str, value: Value, frame: Frame) -> None:
    """Bind a name in `frame`, or where it declared it to live."""
    if frame.globals is not None and name in frame.globals:
        frame.scope.names[name] = value
    elif frame.nonlocals is not None and name in frame.nonlocals:
        outer = frame.enclosing
        while outer is not None:
            if name in outer.locals and not outer.class_body:
                outer.locals[name] = value
                return
            outer = outer.enclosing
    else:
        frame.locals[name] = value


def assign(machine: Machine, target: ast.expr, value: Value, frame: Frame, node: ast.AST | None = None) -> None:
    """Bind `value` to an assignment target; `node` is the statement, for the place of a write."""
    if isinstance(target, ast.Name):
        bind(machine, target.id, value, frame)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(machine, target.elts, value, frame, node)
    elif isinstance(target, ast.Attribute):
        receiver = machine.evaluate(target.value, frame)
        frame.node = node or target
        machine.set_attribute(receiver, target.attr, value)
    elif isinstance(target, ast.Subscript):
        receiver = machine.evaluate(target.value, frame)
        index = machine.evaluate(target.slice, frame)
        frame.node = node or target
        machine.set_item(receiver, index, value)
    elif isinstance(target, ast.Starred):
        machine.assign(target.value, value, frame, node)


def _unpack(machine: Machine, targets: list[ast.expr], value: Value, frame: Frame, node: ast.AST | None) -> None:
    values = machine.listed(value)
    star = next((i for i, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    if values is None or (star is None and len(values) != len(targets)) or len(values) < len(targets) - 1:
        for position, target in enumerate(targets):
            part = value.part("item", position) if isinstance(value, Unknown) else Unknown()
            machine.assign(target, part, frame, node)
        return
    if star is not None:
        after = len(targets) - star - 1
        middle = values[star : len(values) - after]
        values = [*values[:star], middle, *values[len(values) - after :]]
    for target, part in zip(targets, values, strict=True):
        machine.assign(target, part, frame, node)
