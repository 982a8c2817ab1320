"""Values that are Python constants through and through, and what can be told of them: an integer, an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.values import Instance, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


NOT_HOST = object()
"""What `host_value` gives for a value that is not made of constants only."""


def index_of(machine: Machine, value: Value) -> Value:
    """`value` as an integer, if it is one or has `__index__`."""
    if isinstance(value, Instance):
        method = machine.method(value, "__index__") or machine.method(value, "__int__")
        return machine.call(method, [], {}) if method is not None else Unknown()
    return Unknown() if machine.is_tensor(value) else value


def host_value(value: Value) -> Value:
    """A value made of constants only, or NOT_HOST."""
    if isinstance(value, str | int | float | bytes | None | complex):
        return value
    if isinstance(value, tuple | list):
        parts = [host_value(part) for part in value]
        return NOT_HOST if any(part is NOT_HOST for part in parts) else type(value)(parts)
    return NOT_HOST


def in_order(machine: Machine, values: list[Value], key: Value, reverse: Value) -> list[Value]:
    """Sorted as the program says; in their order if that cannot be told."""
    keys = [host_value(v if key is None else machine.call(key, [v], {})) for v in values]
    if any(k is NOT_HOST for k in keys):
        return list(values)
    try:
        order = sorted(range(len(values)), key=lambda i: keys[i], reverse=reverse is True)
    except TypeError:
        return list(values)
    return [values[i] for i in order]
