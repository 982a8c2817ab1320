"""Python's builtin functions that make, walk and reduce sequences."""

from __future__ import annotations

import ast
import builtins as host
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions, operations
from gradguard.interpreter.builtins import registering
from gradguard.interpreter.values import GeneratorValue, Instance, NativeFunction, OrderedSet, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

FUNCTIONS: dict[str, NativeFunction] = {}
builtin = registering(FUNCTIONS)


@builtin("len")
def _len(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    method = machine.method(value, "__len__")
    if method is not None:
        return machine.call(method, [], {})
    if isinstance(value, Instance):
        value = value.payload
    if machine.is_tensor(value):
        return machine.tensors.length(value)
    if isinstance(value, Unknown):
        return Unknown(None if value.key is None else (value.key, "len"), size=value.size + 1, number=True)
    if isinstance(value, (str, bytes, list, tuple, dict, OrderedSet, range, deque)):
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
    if items is None:
        return Unknown()
    ordered = machine.in_order(items, kwargs.get("key"), kwargs.get("reverse", False))
    return items if ordered is None else ordered


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
    if all(isinstance(i, (int, float)) for i in items) and "key" not in kwargs:
        return getattr(host, name)(items)
    if len(items) == 1:
        return items[0]
    ordered = machine.in_order(items, kwargs.get("key"), name == "max")
    if ordered is not None:
        return ordered[0]
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
