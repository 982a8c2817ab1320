"""`copy.deepcopy`: instances, containers and leaves anew, each once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gradguard.interpreter.values import Instance, OrderedSet, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def deepcopy(machine: Machine, value: Value, seen: dict[int, Value] | None = None) -> Value:
    """A copy that shares nothing mutable with `value`; functions, classes and modules stay themselves."""
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    copied: Value = value
    if isinstance(value, Tensor):
        copied = seen[id(value)] = machine.tensors.deepcopy(value)
    elif isinstance(value, Instance):
        copied = seen[id(value)] = Instance(value.cls)
        copied.payload = deepcopy(machine, value.payload, seen)
        for name, attribute in value.attributes.items():
            copied.attributes[name] = deepcopy(machine, attribute, seen)
    elif isinstance(value, list):
        copied = seen[id(value)] = []
        copied.extend(deepcopy(machine, item, seen) for item in value)
    elif isinstance(value, deque):
        copied = seen[id(value)] = deque((deepcopy(machine, item, seen) for item in value), value.maxlen)
    elif isinstance(value, tuple):
        copied = tuple(deepcopy(machine, item, seen) for item in value)
    elif isinstance(value, dict):
        copied = seen[id(value)] = {}
        for key, item in value.items():
            copied[key] = deepcopy(machine, item, seen)
    elif isinstance(value, OrderedSet):
        copied = seen[id(value)] = OrderedSet(value)
    return copied
