"""Python's builtin functions and types, as far as programs with tensors use them."""

from __future__ import annotations

import ast
import builtins as host
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions, operations
from gradguard.interpreter.imports import settle_all
from gradguard.interpreter.values import (
    BoundMethod,
    ClassMethod,
    ClassValue,
    FunctionValue,
    GeneratorValue,
    Instance,
    NativeFunction,
    OperatorFunction,
    OrderedSet,
    Property,
    StaticMethod,
    SuperValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Native = Callable[["Machine", list[Value], dict[str, Value]], Value]
FUNCTIONS: dict[str, NativeFunction] = {}


def builtin(name: str) -> Callable[[Native], Native]:
    """Register the model of a builtin function."""

    def register(function: Native) -> Native:
        FUNCTIONS[name] = NativeFunction(name, function)
        return function

    return register


@builtin("print")
@builtin("breakpoint")
@builtin("input")
def _silent(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return None


@builtin("len")
def _len(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if isinstance(value, Instance):
        method = machine.method(value, "__len__")
        if method is not None:
            return machine.call(method, [], {})
        value = value.payload
    if machine.is_tensor(value):
        return machine.tensors.length(value)
    if isinstance(value, Unknown):
        return Unknown(None if value.key is None else (value.key, "len"), size=value.size + 1, number=True)
    if isinstance(value, str | bytes | list | tuple | dict | OrderedSet | range | deque):
        return Unknown() if isinstance(value, dict) and operations.has_unknown_key(value) else len(value)
    return Unknown()


@builtin("range")
def _range(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    bounds = [machine.index_of(a) for a in args]
    if not all(isinstance(b, int) for b in bounds):
        # An unknown end: the first rounds are the same whatever it is.
        if len(bounds) == 1 or (len(bounds) == 2 and isinstance(bounds[0], int)):
            return UnknownRange(0 if len(bounds) == 1 else bounds[0], bounds[-1])
        return Unknown()
    try:
        return range(*bounds)
    except (ValueError, TypeError):
        return Unknown()


class UnknownRange:
    """`range` up to the unknown `end`."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: Value) -> None:
        self.start = start
        self.end = end


def _lazy(machine: Machine, value: Value) -> Iterator[Value]:
    """The items of `value`, unknown ones without end if it is unknown."""
    items = machine.iterate(value)
    if items is not None:
        return items

    def endless() -> Iterator[Value]:
        while True:
            yield Unknown()

    return endless()


@builtin("enumerate")
def _enumerate(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    start = kwargs.get("start", args[1] if len(args) > 1 else 0)
    first = start if isinstance(start, int) else 0
    items = machine.iterate(args[0])
    if items is None:
        return Enumerated(first, _len(machine, [args[0]], {}))
    return GeneratorValue((i, item) for i, item in enumerate(items, first))


class Enumerated:
    """`enumerate` of something unknown: known counters with unknown items. `end`: where the counters end if they start from 0."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: Value) -> None:
        self.start = start
        self.end = end


@builtin("zip")
def _zip(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args:
        return GeneratorValue(iter(()))
    if all(machine.is_endless(a) for a in args):
        return Unknown()
    return GeneratorValue(iter(zip(*[_lazy(machine, a) for a in args], strict=False)))


@builtin("map")
def _map(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    function, *iterables = args
    if all(machine.is_endless(a) for a in iterables):
        return Unknown()
    sources = zip(*[_lazy(machine, a) for a in iterables], strict=False)
    return GeneratorValue(machine.call(function, list(items), {}) for items in sources)


@builtin("filter")
def _filter(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    function, iterable = args
    items = machine.listed(iterable)
    if items is None:
        return Unknown()

    def kept() -> Iterator[Value]:
        for item in items:
            verdict = item if function is None else machine.call(function, [item], {})
            if machine.truth_of(verdict, default=True):
                yield item

    return GeneratorValue(kept())


@builtin("reversed")
def _reversed(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    method = machine.method(args[0], "__reversed__") if isinstance(args[0], Instance) else None
    if method is not None:
        return machine.call(method, [], {})
    items = machine.listed(args[0])
    return Unknown() if items is None else GeneratorValue(reversed(items))


@builtin("sorted")
def _sorted(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[0])
    return Unknown() if items is None else machine.in_order(items, kwargs.get("key"), kwargs.get("reverse", False))


@builtin("sum")
def _sum(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    total = kwargs.get("start", args[1] if len(args) > 1 else 0)
    items = machine.iterate(args[0])
    if items is None:
        return Unknown()
    for item in items:
        total = operations.binary(machine, ast.Add, total, item)
    return total


def _extreme(machine: Machine, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = list(args) if len(args) > 1 else machine.listed(args[0])
    if items is None:
        return Unknown()
    if not items:
        return kwargs.get("default", Unknown())
    if all(isinstance(i, int | float) for i in items) and "key" not in kwargs:
        return getattr(host, name)(items)
    if len(items) == 1:
        return items[0]
    tensors = [item for item in items if machine.is_tensor(item)]
    if len(tensors) == 1 and len(items) == 2:
        return machine.one_of(tensors[0], next(item for item in items if item is not tensors[0]), name)
    return Unknown(number=not tensors)


@builtin("min")
def _min(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _extreme(machine, "min", args, kwargs)


@builtin("max")
def _max(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _extreme(machine, "max", args, kwargs)


def _quantified(machine: Machine, wanted: bool, args: list[Value]) -> Value:
    items = machine.iterate(args[0])
    if items is None:
        return Unknown()
    unknown = False
    for item in items:
        if isinstance(item, Unknown) or machine.is_tensor(item):
            unknown = True
        elif machine.truth_of(item) is wanted:
            return wanted
    return Unknown(default=not wanted) if unknown else not wanted


@builtin("any")
def _any(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _quantified(machine, True, args)


@builtin("all")
def _all(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return _quantified(machine, False, args)


@builtin("abs")
def _abs(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if machine.is_tensor(args[0]):
        return machine.tensors.method(args[0], "abs", [], {})
    return abs(args[0]) if isinstance(args[0], int | float | complex) else Unknown()


@builtin("round")
def _round(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], int | float) and all(isinstance(a, int) for a in args[1:]):
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
        if not all(isinstance(a, int | float | str | bytes) for a in args):
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
    if isinstance(value, FunctionValue | BoundMethod | NativeFunction | OperatorFunction | ClassValue):
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


@builtin("iter")
def _iter(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], GeneratorValue):
        return args[0]
    items = machine.iterate(args[0])
    return Unknown() if items is None else GeneratorValue(items)


@builtin("next")
def _next(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if isinstance(args[0], Instance):
        method = machine.method(args[0], "__next__")
        return machine.call(method, [], {}) if method is not None else Unknown()
    if not isinstance(args[0], GeneratorValue):
        return Unknown()
    value = next(args[0].source, machine.ABSENT)
    if value is not machine.ABSENT:
        return value
    if len(args) > 1:
        return args[1]
    raise exceptions.raised(machine, "StopIteration")


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
