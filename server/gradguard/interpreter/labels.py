"""The names by which a program reaches its parameters, for messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from gradguard.interpreter.values import Instance, Value
from gradguard.tape.tensor import Tensor

MOST_VISITED = 400


class Labels:
    """`critic[2].weight`: for each tensor the shortest way from a variable in `names` over attributes and indices.

    The values are walked through as far as was asked, so that many tensors of one model are found on one walk.
    """

    def __init__(self, names: Mapping[str, Value]) -> None:
        self._walk = _walk(names)
        self._found: dict[Tensor, str] = {}

    def of(self, tensor: Tensor) -> str:
        """The label of `tensor`, "" if none is found soon."""
        if tensor in self._found:
            return self._found[tensor]
        for label, met in self._walk:
            self._found.setdefault(met, label)
            if met is tensor:
                return label
        return ""


def _walk(names: Mapping[str, Value]) -> Iterator[tuple[str, Tensor]]:
    """The tensors that are reached from `names`, with the way to each, those nearby first."""
    pending: deque[tuple[str, Value]] = deque(
        (name, value) for name, value in names.items() if not name.startswith("__")
    )
    seen: set[int] = set()
    visited = 0
    while pending and visited < MOST_VISITED:
        label, value = pending.popleft()
        visited += 1
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Tensor):
            yield label, value
        elif isinstance(value, Instance):
            for name, part in value.attributes.items():
                if isinstance(part, (Tensor, Instance, list)):
                    pending.append((f"{label}[{name}]" if name.isdigit() else f"{label}.{name}", part))
        elif isinstance(value, (list, tuple)):
            pending.extend(
                (f"{label}[{i}]", part) for i, part in enumerate(value[:16]) if isinstance(part, (Tensor, Instance))
            )
