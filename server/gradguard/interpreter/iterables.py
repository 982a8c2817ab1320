"""What iterating over a value gives, one by one or all at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions
from gradguard.interpreter.builtin_sequences import Enumerated, UnknownRange
from gradguard.interpreter.values import ClassValue, GeneratorValue, Instance, OrderedSet, Raised, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


MOST_ITEMS = 4096
"""Items of an iterable that are listed at once (unpacking, `list(…)`); a longer one is unknown."""


def iterate(machine: Machine, value: Value) -> Iterator[Value] | None:
    """The items of `value`, lazily; None if nothing is known of them."""
    if isinstance(value, list):
        return _live(value)
    if isinstance(value, (tuple, str, range, bytes)):
        return iter(value)
    if isinstance(value, (dict, OrderedSet, deque)):
        return iter(list(value))
    if isinstance(value, GeneratorValue):
        return iter(value.source)
    if machine.is_tensor(value):
        return machine.tensors.iterate(value)
    if isinstance(value, UnknownRange):
        return iter(range(value.start, MOST_ITEMS))
    if isinstance(value, Enumerated):
        return ((i, Unknown()) for i in range(value.start, MOST_ITEMS))
    if isinstance(value, Instance):
        return _iterate_instance(machine, value)
    if isinstance(value, ClassValue):
        method = machine.method(value, "__iter__")
        return None if method is None else machine.iterate(machine.call(method, [], {}))
    return None


def _iterate_instance(machine: Machine, value: Instance) -> Iterator[Value] | None:
    method = machine.method(value, "__iter__")
    if method is not None:
        iterator = machine.call(method, [], {})
        if isinstance(iterator, Instance):
            return _nexts(machine, iterator)
        return None if iterator is value else machine.iterate(iterator)
    if value.payload is not None:
        return machine.iterate(value.payload)
    getter = machine.method(value, "__getitem__")
    return None if getter is None else _indexed(machine, value, getter)


def _nexts(machine: Machine, iterator: Instance) -> Iterator[Value]:
    method = machine.method(iterator, "__next__")
    if method is None:
        return
    while True:
        try:
            with machine.handling():
                value = machine.call(method, [], {})
        except Raised as raised:
            if raised.name == "StopIteration":
                return
            raise
        yield value


def _indexed(machine: Machine, value: Instance, getter: Value) -> Iterator[Value]:
    length = machine.method(value, "__len__")
    count = machine.call(length, [], {}) if length is not None else None
    for index in range(count if isinstance(count, int) else MOST_ITEMS):
        try:
            with machine.handling():
                item = machine.call(getter, [index], {})
        except Raised as raised:
            if raised.name == "IndexError":
                return
            raise
        yield item


def is_endless(machine: Machine, value: Value) -> bool:
    """Whether iterating gives unknown items without a known end."""
    return isinstance(value, Unknown) or (not isinstance(value, GeneratorValue) and machine.iterate(value) is None)


def listed(machine: Machine, value: Value) -> list[Value] | None:
    """All items at once; None if unknown or too many."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, (UnknownRange, Enumerated)):
        return None
    iterator = machine.iterate(value)
    if iterator is None:
        return None
    values: list[Value] = []
    for item in iterator:
        values.append(item)
        if len(values) > MOST_ITEMS:
            return None
    return values


def next_item(machine: Machine, generator: GeneratorValue) -> Value:
    """The next value of a generator; StopIteration in the program if there is none."""
    value = next(iter(generator.source), machine.ABSENT)
    if value is machine.ABSENT:
        raise exceptions.raised(machine, "StopIteration")
    return value


def mapping_of(machine: Machine, value: Value) -> dict[Value, Value] | None:
    """A dict behind `value`, or None."""
    if isinstance(value, Instance):
        if isinstance(value.payload, dict):
            return value.payload
        keys = machine.method(value, "keys")
        if keys is not None:
            names = machine.listed(machine.call(keys, [], {})) or []
            return {name: machine.get_item(value, name) for name in names}
    return value if isinstance(value, dict) else None


def _live(values: list[Value]) -> Iterator[Value]:
    """The items of a list that may grow while it is iterated."""
    position = 0
    while position < len(values) and position < MOST_ITEMS * 16:
        yield values[position]
        position += 1
