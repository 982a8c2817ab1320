"""The name by which a program reaches a parameter, for messages."""

from __future__ import annotations

from gradguard.interpreter.values import Instance, Value
from gradguard.tape.tensor import Tensor

MOST_VISITED = 400


def label_of(tensor: Tensor, names: dict[str, Value]) -> str:
    """`critic[2].weight`: the shortest way from a variable in `names` over attributes and indices; "" if none is found soon."""
    pending: list[tuple[str, Value]] = [(name, value) for name, value in names.items() if not name.startswith("__")]
    seen: set[int] = set()
    visited = 0
    while pending and visited < MOST_VISITED:
        label, value = pending.pop(0)
        visited += 1
        if value is tensor:
            return label
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Instance):
            for name, part in value.attributes.items():
                if isinstance(part, Tensor | Instance | list):
                    pending.append((f"{label}[{name}]" if name.isdigit() else f"{label}.{name}", part))
        elif isinstance(value, list | tuple):
            pending.extend(
                (f"{label}[{i}]", part) for i, part in enumerate(value[:16]) if isinstance(part, Tensor | Instance)
            )
    return ""
