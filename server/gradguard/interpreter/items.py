"""Subscripts: reading, writing and deleting items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions
from gradguard.interpreter.operations import has_unknown_key, store_key
from gradguard.interpreter.values import ClassValue, Instance, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def get_item(machine: Machine, receiver: Value, index: Value) -> Value:
    """`receiver[index]`; what is out of range is unknown, unless the program handles the exception."""
    if machine.is_tensor(receiver):
        return machine.tensors.get_item(receiver, index)
    if isinstance(receiver, Instance):
        method = machine.method(receiver, "__getitem__")
        if method is not None:
            return machine.call(method, [index], {})
        if receiver.payload is None:
            return Unknown()
        value = _from_container(machine, receiver.payload, index)
        if value is None:
            missing = machine.method(receiver, "__missing__")
            return machine.call(missing, [index], {}) if missing is not None else _absent(machine, receiver.payload)
        return value[0]
    if isinstance(receiver, ClassValue):
        by_metaclass = machine.method(receiver, "__getitem__")
        if by_metaclass is not None:
            return machine.call(by_metaclass, [index], {})
        hook = receiver.lookup("__class_getitem__")
        return machine.call(machine.unwrapped(hook), [receiver, index], {}) if hook is not None else receiver
    if isinstance(receiver, Unknown):
        return receiver.part("item", index) if isinstance(index, (int, str)) else Unknown()
    found = _from_container(machine, receiver, index)
    return found[0] if found is not None else _absent(machine, receiver)


def _absent(machine: Machine, container: Value) -> Value:
    if machine.handles_exceptions:
        raise exceptions.raised(machine, "KeyError" if isinstance(container, dict) else "IndexError")
    return Unknown()


def _from_container(machine: Machine, container: Value, index: Value) -> tuple[Value] | None:
    """The item in a tuple of its own, or None if there is no such item."""
    if isinstance(container, dict):
        try:
            if index in container:
                return (container[index],)
        except TypeError:
            return (Unknown(),)
        return (Unknown(),) if isinstance(index, Unknown) or has_unknown_key(container) else None
    if isinstance(container, (str, bytes, list, tuple, range)) or hasattr(container, "popleft"):
        if isinstance(index, Instance) or machine.is_tensor(index):
            index = machine.index_of(index)
        if isinstance(index, (bool, int)):
            return (container[index],) if -len(container) <= index < len(container) else None
        if isinstance(index, slice):
            bounds = [machine.index_of(part) for part in (index.start, index.stop, index.step)]
            if any(isinstance(bound, Unknown) for bound in bounds):
                return (Unknown(),)
            try:
                return (container[slice(*bounds)],)
            except (TypeError, ValueError):
                return (Unknown(),)
        return (_any_of(machine, container, index),)
    return (Unknown(),)


def _any_of(machine: Machine, container: Value, index: Value) -> Value:
    """An item at an unknown index: the only one there is, else unknown."""
    return container[0] if len(container) == 1 else Unknown()


def set_item(machine: Machine, receiver: Value, index: Value, value: Value) -> None:
    """`receiver[index] = value`."""
    if machine.is_tensor(receiver):
        machine.tensors.set_item(receiver, index, value)
        return
    if isinstance(receiver, Instance):
        method = machine.method(receiver, "__setitem__")
        if method is not None:
            machine.call(method, [index, value], {})
            return
        receiver = receiver.payload
    if isinstance(receiver, dict):
        store_key(receiver, index, value)
        return
    if not isinstance(receiver, list) and not hasattr(receiver, "popleft"):
        return
    if machine.is_tensor(index):
        index = machine.index_of(index)
    if isinstance(index, int):
        if -len(receiver) <= index < len(receiver):
            receiver[index] = value
        return
    if isinstance(index, slice) and isinstance(receiver, list):
        items = machine.listed(value)
        bounds = [machine.index_of(part) for part in (index.start, index.stop, index.step)]
        if items is not None and not any(isinstance(bound, Unknown) for bound in bounds):
            try:
                receiver[slice(*bounds)] = items
            except (TypeError, ValueError):
                machine.forget([receiver])
            return
    machine.forget([receiver])


def delete_item(machine: Machine, receiver: Value, index: Value) -> None:
    """`del receiver[index]`."""
    if isinstance(receiver, Instance):
        method = machine.method(receiver, "__delitem__")
        if method is not None:
            machine.call(method, [index], {})
            return
        receiver = receiver.payload
    try:
        if isinstance(receiver, (dict, list)):
            del receiver[index]
    except (KeyError, IndexError, TypeError, ValueError):
        machine.forget([receiver])
