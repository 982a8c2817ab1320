"""Exceptions of the interpreted program: which handler catches what."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from gradguard.interpreter.trees import nodes_of
from gradguard.interpreter.values import ClassValue, Instance, Raised, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.frames import Frame
    from gradguard.interpreter.machine import Machine


def builtin_exceptions() -> dict[str, ClassValue]:
    """Python's own exception classes, by name."""
    classes: dict[str, ClassValue] = {}

    def make(host: type) -> ClassValue:
        if host.__name__ not in classes:
            bases = tuple(make(base) for base in host.__bases__ if issubclass(base, BaseException))
            classes[host.__name__] = ClassValue(host.__name__, bases, {})
        return classes[host.__name__]

    for value in vars(builtins).values():
        if isinstance(value, type) and issubclass(value, BaseException):
            make(value)
    return classes


def raised(machine: Machine, name: str, message: str = "") -> Raised:
    """The exception `name`, ready to be thrown through the interpreted program."""
    instance = Instance(machine.exception_classes[name])
    instance.attributes["args"] = (message,)
    return Raised(name, instance)


def raised_by(machine: Machine, value: Value) -> Raised:
    """What `raise value` throws."""
    if isinstance(value, ClassValue):
        value = machine.call(value, [], {})
    if isinstance(value, Instance):
        return Raised(value.cls.name, value)
    return Raised("Exception", value)


def matching_handler(machine: Machine, node: ast.Try, error: Raised, frame: Frame) -> ast.ExceptHandler | None:
    """The first `except` clause that catches `error`; an unknown class is taken to."""
    for handler in node.handlers:
        if handler.type is None:
            return handler
        wanted = machine.evaluate(handler.type, frame)
        for cls in wanted if isinstance(wanted, tuple) else (wanted,):
            if isinstance(cls, Unknown) or not isinstance(error.value, Instance):
                return handler
            if isinstance(cls, ClassValue) and error.value.cls.has_base(cls):
                return handler
    return None


CATCHES_RUNTIME = {"RuntimeError", "Exception", "BaseException"}


def swallows_runtime_errors(node: ast.Try) -> bool:
    """Whether an error of torch in the body would be caught and not raised again: then it is the program's own business."""
    for handler in node.handlers:
        names = (
            CATCHES_RUNTIME
            if handler.type is None
            else {n.id for n in nodes_of(handler.type) if isinstance(n, ast.Name)}
        )
        if names & CATCHES_RUNTIME:
            return not any(isinstance(n, ast.Raise) for statement in handler.body for n in nodes_of(statement))
    return False
