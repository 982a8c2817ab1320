"""Python's builtin types: what calling one makes, and which one a native value is of."""

from __future__ import annotations

import builtins as host
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions, operations
from gradguard.interpreter.values import CLASS_CELL, UNKNOWN, ClassValue, Instance, OrderedSet, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Native = Callable[["Machine", list[Value], dict[str, Value]], Value]


def _new_list(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        return []
    items = machine.listed(args[0])
    return Unknown() if items is None else list(items)


def _new_tuple(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[0]) if args else []
    return Unknown() if items is None else tuple(items)


def _new_set(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[0]) if args else []
    return Unknown() if items is None else operations.set_of(items)


def _new_dict(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    result: dict[Value, Value] = {}
    machine.call(machine.get_attribute(result, "update"), args, kwargs)
    return result


def _number(name: str) -> Native:
    convert = getattr(host, name)

    def call(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
        if not args:
            return convert()
        value = args[0]
        if isinstance(value, Instance):
            method = machine.method(value, f"__{name}__")
            return machine.call(method, [], {}) if method is not None else Unknown()
        if isinstance(value, Unknown):
            return Unknown(None if value.key is None else (value.key, name), size=value.size + 1, number=True)
        if machine.is_tensor(value):
            return machine.tensors.method(value, f"__{name}__", [], {})
        if isinstance(value, (int, float, str)) and all(isinstance(a, int) for a in args[1:]):
            try:
                return convert(*args)
            except (ValueError, OverflowError, TypeError):
                if machine.handles_exceptions:
                    raise exceptions.raised(machine, "ValueError") from None
        return Unknown()

    return call


def _new_str(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        return ""
    if isinstance(args[0], Instance):
        method = machine.method(args[0], "__str__")
        return machine.call(method, [], {}) if method is not None else Unknown()
    return str(args[0]) if isinstance(args[0], (str, int, float, bool, type(None))) else Unknown()


def _new_bool(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        return False
    if isinstance(args[0], Unknown):
        return args[0]
    if machine.is_tensor(args[0]):
        known = machine.tensors.fills.of(args[0])
        return Unknown() if known is None else bool(known)
    return machine.truth_of(args[0])


def _new_type(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) == 1:
        return machine.type_of(args[0])
    if len(args) != 3:
        return UNKNOWN
    name, bases, names = args
    if isinstance(names, dict) and isinstance(names.get(CLASS_CELL), ClassValue):
        made: ClassValue = names[CLASS_CELL]
        made.attributes.update((key, value) for key, value in names.items() if key != CLASS_CELL)
        return made
    if isinstance(bases, tuple) and all(isinstance(b, ClassValue) for b in bases) and isinstance(names, dict):
        return ClassValue(name if isinstance(name, str) else "type", bases or (machine.object_class,), dict(names))
    return UNKNOWN


def _new_deque(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[0]) if args else []
    most = kwargs.get("maxlen", args[1] if len(args) > 1 else None)
    return Unknown() if items is None else deque(items, most if isinstance(most, int) else None)


def _new_slice(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return slice(*args)


def _unknown(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown()


def builtin_classes(object_class: ClassValue) -> dict[str, ClassValue]:
    """Python's own types by name; calling one runs its model."""
    models: dict[str, Native] = {
        "list": _new_list,
        "tuple": _new_tuple,
        "set": _new_set,
        "frozenset": _new_set,
        "dict": _new_dict,
        "int": _number("int"),
        "float": _number("float"),
        "complex": _unknown,
        "str": _new_str,
        "bytes": _unknown,
        "bytearray": _unknown,
        "bool": _new_bool,
        "type": _new_type,
        "slice": _new_slice,
        "deque": _new_deque,
    }
    classes = {name: ClassValue(name, (object_class,), {}, native=model) for name, model in models.items()}
    classes["object"] = object_class
    return classes


def host_type_name(value: Value) -> str | None:
    """The name of the builtin class that a native value is an instance of."""
    for kind in (bool, int, float, complex, str, bytes, list, tuple, dict, slice, range, deque):
        if isinstance(value, kind):
            return kind.__name__
    if isinstance(value, OrderedSet):
        return "set"
    return None
