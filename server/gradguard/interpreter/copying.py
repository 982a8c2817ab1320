"""`copy.deepcopy`: instances, containers and leaves anew, each once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gradguard.interpreter.values import CONSTANTS, Instance, OrderedSet, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def deepcopy(
    machine: Machine, value: Value, seen: dict[int, Value] | None = None, *, made_by: Machine | None = None
) -> Value:
    """A copy that shares nothing mutable with `value`; functions, classes and modules stay themselves.

    `made_by`: the machine that made `value`; tensors keep their versions, as if the copy had been made in the way the original was.
    """
    if isinstance(value, CONSTANTS):
        return value
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    copied: Value = value
    if isinstance(value, Tensor):
        copied = seen[id(value)] = machine.tensors.deepcopy(value, made_by=made_by)
    elif isinstance(value, Instance):
        copied = seen[id(value)] = Instance(value.cls)
        copied.payload = deepcopy(machine, value.payload, seen, made_by=made_by)
        for name, attribute in value.attributes.items():
            copied.attributes[name] = deepcopy(machine, attribute, seen, made_by=made_by)
    elif isinstance(value, list):
        copied = seen[id(value)] = []
        copied.extend(deepcopy(machine, item, seen, made_by=made_by) for item in value)
    elif isinstance(value, deque):
        copied = seen[id(value)] = deque(
            (deepcopy(machine, item, seen, made_by=made_by) for item in value), value.maxlen
        )
    elif isinstance(value, tuple):
        copied = tuple(deepcopy(machine, item, seen, made_by=made_by) for item in value)
    elif isinstance(value, dict):
        copied = seen[id(value)] = {}
        for key, item in value.items():
            copied[key] = deepcopy(machine, item, seen, made_by=made_by)
    elif isinstance(value, OrderedSet):
        copied = seen[id(value)] = OrderedSet(value)
    return copied
