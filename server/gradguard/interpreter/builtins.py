"""Python's builtin functions, as far as programs with tensors use them; those about sequences are in `builtin_sequences.py`."""

from __future__ import annotations

import ast
import builtins as host
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter import operations
from gradguard.interpreter.imports import settle_all
from gradguard.interpreter.values import (
    BoundMethod,
    ClassMethod,
    ClassValue,
    FunctionValue,
    Instance,
    NativeFunction,
    OperatorFunction,
    Property,
    StaticMethod,
    SuperValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Native = Callable[["Machine", list[Value], dict[str, Value]], Value]


def registering(functions: dict[str, NativeFunction]) -> Callable[[str], Callable[[Native], Native]]:
    """A decorator, given a builtin's name, that enters its model into `functions`."""

    def builtin(name: str) -> Callable[[Native], Native]:
        def register(function: Native) -> Native:
            functions[name] = NativeFunction(name, function)
            return function

        return register

    return builtin


FUNCTIONS: dict[str, NativeFunction] = {}
builtin = registering(FUNCTIONS)


@builtin("print")
@builtin("breakpoint")
@builtin("input")
def _silent(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return None


@builtin("abs")
def _abs(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if machine.is_tensor(args[0]):
        return machine.tensors.method(args[0], "abs", [], {})
    return abs(args[0]) if isinstance(args[0], (int, float, complex)) else Unknown()


@builtin("round")
def _round(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], (int, float)) and all(isinstance(a, int) for a in args[1:]):
        try:
            return round(*args)
        except (OverflowError, ValueError):
            return Unknown()
    return machine.tensors.method(args[0], "round", [], {}) if machine.is_tensor(args[0]) else Unknown()


@builtin("pow")
def _pow(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return operations.binary(machine, ast.Pow, args[0], args[1]) if len(args) == 2 else Unknown()


@builtin("divmod")
def _divmod(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return tuple(operations.binary(machine, op, args[0], args[1]) for op in (ast.FloorDiv, ast.Mod))


def _on_plain(name: str) -> None:
    @builtin(name)
    def call(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
        if not all(isinstance(a, (int, float, str, bytes)) for a in args):
            return Unknown()
        try:
            return getattr(host, name)(*args)
        except (TypeError, ValueError, OverflowError):
            return Unknown()


for _name in ("chr", "ord", "hex", "bin", "oct", "repr", "ascii", "format"):
    _on_plain(_name)


@builtin("isinstance")
def _isinstance(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.is_instance(args[0], args[1])


@builtin("issubclass")
def _issubclass(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    cls, wanted = args
    classes = wanted if isinstance(wanted, tuple) else (wanted,)
    if not isinstance(cls, ClassValue) or not all(isinstance(c, ClassValue) for c in classes):
        return Unknown()
    return any(cls.has_base(c) for c in classes)


@builtin("callable")
def _callable(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Unknown):
        return value.part("callable")
    if isinstance(value, (FunctionValue, BoundMethod, NativeFunction, OperatorFunction, ClassValue)):
        return True
    return isinstance(value, Instance) and value.cls.lookup("__call__") is not None


@builtin("getattr")
def _getattr(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not isinstance(args[1], str):
        return Unknown()
    if len(args) == 2:
        return machine.get_attribute(args[0], args[1])
    value = machine.find_attribute(args[0], args[1])
    return args[2] if value is machine.ABSENT else value


@builtin("hasattr")
def _hasattr(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Unknown) or not isinstance(args[1], str):
        return Unknown(None if not isinstance(args[1], str) else ("hasattr", getattr(args[0], "key", None), args[1]))
    return machine.find_attribute(args[0], args[1]) is not machine.ABSENT


@builtin("setattr")
def _setattr(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[1], str):
        machine.set_attribute(args[0], args[1], args[2])
    else:
        machine.forget([args[0]])
    return None


@builtin("delattr")
def _delattr(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[1], str):
        machine.delete_attribute(args[0], args[1])
    return None


@builtin("id")
def _id(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Identity(args[0])


class Identity:
    """`id(x)`: equal to another exactly if the objects are the same; no number, so that runs are alike."""

    __slots__ = ("of",)

    def __init__(self, of: Value) -> None:
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.of is other.of

    def __hash__(self) -> int:
        return hash(id(self.of))


@builtin("hash")
@builtin("open")
@builtin("eval")
@builtin("exec")
@builtin("compile")
@builtin("vars")
@builtin("dir")
@builtin("memoryview")
def _opaque(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown()


@builtin("globals")
def _globals(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    frame = machine.user_frame()
    if frame is None or frame.scope.lazy:
        return Unknown()
    settle_all(machine, frame.scope.names)
    return frame.scope.names


@builtin("locals")
def _locals(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    names = machine.stack[-1].locals
    settle_all(machine, names)
    return dict(names)


@builtin("super")
def _super(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) == 2 and isinstance(args[0], ClassValue):
        return SuperValue(args[0], args[1])
    return Unknown()


@builtin("property")
def _property(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Property(*args[:3]) if args else Unknown()


@builtin("staticmethod")
def _staticmethod(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return StaticMethod(args[0])


@builtin("classmethod")
def _classmethod(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return ClassMethod(args[0])
