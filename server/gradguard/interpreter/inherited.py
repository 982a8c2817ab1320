"""What a class has from `object`, from the native classes, and through `super()`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.frames import Frame
from gradguard.interpreter.natives import native_attribute
from gradguard.interpreter.objects import bare_instance, instantiate
from gradguard.interpreter.operations import store_key
from gradguard.interpreter.values import (
    ClassMethod,
    ClassValue,
    Instance,
    NativeFunction,
    StaticMethod,
    SuperValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def zero_argument_super(machine: Machine, frame: Frame) -> Value:
    """`super()` in a method."""
    outer: Frame | None = frame
    while outer is not None and (
        outer.function is None or isinstance(outer.function.node, ast.Lambda) or outer.comprehension
    ):
        outer = outer.enclosing
    if outer is None or outer.function is None or outer.function.owner is None:
        return Unknown()
    positional = outer.function.info.positional
    if not positional:
        return Unknown()
    return SuperValue(outer.function.owner, outer.locals.get(positional[0]))


def object_method(machine: Machine, name: str, receiver: Value) -> Value:
    """What `super()` finds on `object` itself."""
    if name == "__setattr__" and isinstance(receiver, Instance):
        return NativeFunction(name, lambda machine, args, kwargs: receiver.attributes.__setitem__(args[0], args[1]))
    if name == "__getattribute__" and isinstance(receiver, Instance):
        return NativeFunction(name, lambda machine, args, kwargs: machine.get_attribute(receiver, args[0]))
    if name == "__delattr__" and isinstance(receiver, Instance):
        return NativeFunction(name, lambda machine, args, kwargs: receiver.attributes.pop(args[0], None))
    if name == "__call__" and isinstance(receiver, ClassValue):
        return NativeFunction(name, lambda machine, args, kwargs: instantiate(machine, receiver, args, kwargs))
    if name == "__new__":
        return NativeFunction(name, lambda machine, args, kwargs: bare_instance(machine, args))
    return NativeFunction(name, lambda machine, args, kwargs: None)


def native_method(machine: Machine, cls: ClassValue, name: str) -> Value:
    """A method of a native class taken from the class (`dict.get`, `super().__init__` of a list)."""
    if name == "fromkeys":
        return NativeFunction(name, _from_keys)
    return NativeFunction(name, lambda machine, args, kwargs: _native_call(machine, cls, name, args, kwargs))


def _from_keys(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    keys = machine.listed(args[0])
    made: dict[Value, Value] = {}
    for key in keys if keys is not None else [Unknown()]:
        store_key(made, key, args[1] if len(args) > 1 else None)
    return made


def _native_call(machine: Machine, cls: ClassValue, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        return Unknown()
    receiver = args[0]
    if isinstance(receiver, Instance) and receiver.payload is not None:
        receiver = receiver.payload
    if machine.is_tensor(receiver):
        return machine.tensors.method(receiver, name, args[1:], kwargs)
    method = native_attribute(machine, receiver, name)
    return Unknown() if method is None else machine.call(method, args[1:], kwargs)


def unwrapped(function: Value) -> Value:
    """The function inside a staticmethod or classmethod object."""
    return function.function if isinstance(function, (StaticMethod, ClassMethod)) else function
