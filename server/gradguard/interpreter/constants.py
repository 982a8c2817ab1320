"""Values that are Python constants through and through, and what can be told of them: an integer, an order."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from gradguard.interpreter.values import Instance, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


NOT_HOST = object()
"""What `host_value` gives for a value that is not made of constants only."""


_WIDE = re.compile(r"\d{5}|[*]|\{[^{}]*\{")


def is_modest(layout: str) -> bool:
    """Whether text laid out by `layout` (what `%`, `format` and f-strings take) keeps to a length that can be seen in it."""
    return _WIDE.search(layout) is None


def index_of(machine: Machine, value: Value) -> Value:
    """`value` as an integer, if it is one or has `__index__`."""
    if isinstance(value, Instance):
        method = machine.method(value, "__index__") or machine.method(value, "__int__")
        return machine.call(method, [], {}) if method is not None else Unknown()
    return Unknown() if machine.is_tensor(value) else value


def host_value(value: Value) -> Value:
    """A value made of constants only, or NOT_HOST."""
    if isinstance(value, (str, int, float, bytes, type(None), complex)):
        return value
    if isinstance(value, (tuple, list)):
        parts = [host_value(part) for part in value]
        return NOT_HOST if any(part is NOT_HOST for part in parts) else type(value)(parts)
    return NOT_HOST


def in_order(machine: Machine, values: list[Value], key: Value, reverse: Value) -> list[Value] | None:
    """Sorted as the program says; None if that cannot be told."""
    keys = [_comparable(v if key is None else machine.call(key, [v], {})) for v in values]
    told = [k for k in keys if k is not NOT_HOST]
    if len(told) < len(keys) or (any(isinstance(k, _Prefix) for k in told) and len(set(map(tuple, told))) < len(told)):
        return None
    try:
        order = sorted(range(len(values)), key=lambda i: keys[i], reverse=reverse is True)
    except TypeError:
        return None
    return [values[i] for i in order]


class _Prefix(tuple[Value, ...]):
    """The constants that a tuple begins with: enough to compare tuples by, if no two begin alike."""

    __slots__ = ()


def _comparable(value: Value) -> Value:
    whole = host_value(value)
    if whole is not NOT_HOST or not isinstance(value, tuple):
        return whole
    beginning = list(takewhile(lambda part: part is not NOT_HOST, map(host_value, value)))
    return _Prefix(beginning) if beginning else NOT_HOST
