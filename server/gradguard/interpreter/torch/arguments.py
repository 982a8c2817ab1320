"""Values of the program as torch's tables take them: their kind for choosing an overload, their geometry for the shape rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.values import CONSTANTS, Dtype, Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.kinds import tensor_kind
from gradguard.torchfacts.shapes import UNKNOWN, UNKNOWN_INTEGER

if TYPE_CHECKING:
    from gradguard.torchfacts.kinds import ValueKind


def kind_of(value: Value) -> ValueKind:
    """The kind that torch's argument parser would see."""
    if isinstance(value, Tensor):
        return tensor_kind(value.geometry)
    if value is None:
        return "none"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, (list, tuple)):
        if not value:
            return "ints"
        if all(isinstance(part, Tensor) for part in value):
            return "tensors"
        if all(isinstance(part, int) for part in value):
            return "ints"
        if any(isinstance(part, Tensor) for part in value):
            return "unknown" if any(isinstance(part, Unknown) for part in value) else "other"
        return "ints" if all(isinstance(part, (int, Unknown)) for part in value) else "other"
    if isinstance(value, str):
        return f"str={value}"
    if isinstance(value, Dtype):
        return "dtype"
    return "unknown" if isinstance(value, Unknown) else "other"


def geometry_of(value: Value) -> object:
    """A value as the shape rules take it."""
    if isinstance(value, Tensor):
        return value.geometry
    if isinstance(value, CONSTANTS):
        return value
    if isinstance(value, Unknown):
        return UNKNOWN_INTEGER if value.number else UNKNOWN
    if isinstance(value, list):
        return [geometry_of(part) for part in value]
    if isinstance(value, tuple):
        return tuple([geometry_of(part) for part in value])
    if isinstance(value, Dtype):
        return value.name
    if isinstance(value, slice):
        return slice(*[UNKNOWN_INTEGER if isinstance(p, Unknown) else p for p in (value.start, value.stop, value.step)])
    return value
