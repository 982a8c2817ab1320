"""`with`: entering context managers and leaving them, with or without an exception of the interpreted program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from gradguard.interpreter.exceptions import CATCHES_RUNTIME
from gradguard.interpreter.trees import nodes_of
from gradguard.interpreter.values import ClassValue, FunctionValue, Instance, Raised, Value

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
        with _watching(machine, manager), entered(machine, items[1:], frame):
            yield
    except Raised as raised:
        if machine.call_method(manager, "__exit__", [machine.type_of(raised.value), raised.value, None]) is not True:
            raise
    else:
        frame.node = expression
        machine.call_method(manager, "__exit__", [None, None, None])


def _watching(machine: Machine, manager: Value) -> AbstractContextManager[None]:
    """Within: exceptions are thrown where `manager` may swallow them, those of torch if it says so itself (`contextlib.suppress`)."""
    leave = manager.cls.lookup("__exit__") if isinstance(manager, Instance) else None
    if not isinstance(leave, FunctionValue) or not _answers(leave):
        return nullcontext()
    named = manager.attributes.get("exceptions", ())
    names = {cls.name for cls in named if isinstance(cls, ClassValue)} if isinstance(named, tuple) else set()
    return machine.catching(bool(names & CATCHES_RUNTIME))


def _answers(function: FunctionValue) -> bool:
    """Whether the function returns something that is not surely false."""
    returns = (node for node in nodes_of(function.node) if isinstance(node, ast.Return) and node.value is not None)
    return any(not (isinstance(node.value, ast.Constant) and not node.value.value) for node in returns)
