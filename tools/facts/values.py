"""Real torch functions by their public names, and real values as the facts' binding sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from gradguard.torchfacts.kinds import ValueKind, batches_of_one, element_class


def value_kind(value: object) -> ValueKind:
    """The kind of a real value, told as exactly as `gradguard.torchfacts.kinds` can."""
    if value is None:
        return "none"
    if isinstance(value, torch.Tensor):
        scattered = "/contiguous=no" if value.layout == torch.strided and not value.is_contiguous() else ""
        kind = element_class(str(value.dtype).removeprefix("torch."))
        ones = f"/ones={places}" if (places := batches_of_one(value.shape)) else ""
        return f"tensor/rank={value.dim()}/of={kind}{scattered}{ones}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return "int"
    if isinstance(value, (float, complex)):
        return "float"
    if isinstance(value, str):
        return f"str={value}"
    if isinstance(value, torch.dtype):
        return "dtype"
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, torch.Tensor) or item is None for item in value):
            return "tensors"
        return "ints" if all(isinstance(item, int) for item in value) else "other"
    return "other"


def resolve(name: str) -> Callable[..., Any] | None:
    """The function or method that `torch.linalg.norm`, `Tensor.exp_` or `Tensor.T` names, or None."""
    owner: Any = torch
    parts = name.split(".")
    for part in parts if parts[0] == "Tensor" else parts[1:]:
        owner = getattr(owner, part, None)
        if owner is None:
            return None
    if hasattr(owner, "__get__") and not callable(owner):
        return lambda receiver: owner.__get__(receiver)
    return owner if callable(owner) else None
