"""How the shape rules read an operator's arguments.

An argument is a `Geometry` (a tensor), a tuple or list of them, a Python constant, or one of the sentinels below. Where a rule
cannot go on it raises `Undetermined` (the answer rests on something unknown) or `Inconsistent` (torch would refuse the call);
`infer` turns both into "nothing known".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, SupportsIndex, TypeAlias, cast

from gradguard.torchfacts.geometry import Geometry, Shape


class Unknown(Enum):
    """Stands for a value that is not known.

    `VALUE`: nothing at all is known of it, it may be a tensor. `INTEGER`: it is a Python integer, so that `x[i]` is a view.
    """

    VALUE = "unknown"
    INTEGER = "unknown integer"


UNKNOWN: Final = Unknown.VALUE
UNKNOWN_INTEGER: Final = Unknown.INTEGER

Arguments: TypeAlias = Mapping[str, object]
Results: TypeAlias = tuple[Geometry, ...]
Rule: TypeAlias = Callable[[Arguments], Results]
# What becomes of the operand itself, where there is one and one result.
ViewRule: TypeAlias = Callable[[Geometry, Arguments], Geometry]
Number: TypeAlias = "bool | int | float | complex"


class Undetermined(Exception):
    """The answer rests on a value that is not known."""


class Inconsistent(Exception):
    """torch would refuse these arguments."""


def tensor(arguments: Arguments, *names: str) -> Geometry:
    """The first of the named arguments that is a tensor."""
    for name in names:
        value = arguments.get(name)
        if isinstance(value, Geometry):
            return value
    raise Undetermined


def subject(arguments: Arguments) -> Geometry:
    """The tensor that the operator works on: `self` in ATen's schemas, `input` in torch's Python functions."""
    value = arguments.get("self")
    if isinstance(value, Geometry):
        return value
    return tensor(arguments, "input", "tensor", "A", "x")


def optional_tensor(arguments: Arguments, *names: str) -> Geometry | None:
    """The first of the named arguments that is a tensor; None if they are missing or None."""
    for name in names:
        value = arguments.get(name)
        if isinstance(value, Geometry):
            return value
        if isinstance(value, Unknown):
            raise Undetermined
    return None


def tensors(arguments: Arguments, *names: str) -> tuple[Geometry, ...]:
    """The first of the named arguments that is a list of tensors (of numbers and unknown values nothing is known)."""
    for name in names:
        value = arguments.get(name)
        if isinstance(value, (tuple, list)):
            if not all(isinstance(item, Geometry) for item in value):
                raise Undetermined
            return tuple(value)
        if isinstance(value, Geometry):
            return (value,)
    raise Undetermined


def shape_of(geometry: Geometry) -> Shape:
    """The tensor's shape; raises `Undetermined` if even its rank is unknown."""
    if geometry.shape is None:
        raise Undetermined
    return geometry.shape


def as_integer(value: object) -> int:
    """`value` as a Python integer: integers of Python and numpy, nothing else."""
    if type(value) is int:
        return value
    if value is None or isinstance(value, (Unknown, Geometry)):
        raise Undetermined
    try:
        return operator.index(cast(SupportsIndex, value))
    except TypeError:
        raise Inconsistent from None


def integer(arguments: Arguments, name: str, default: int | None = None) -> int:
    """The named argument as an integer; `default` if it is missing, where None means that torch has no default."""
    return as_integer(arguments.get(name, default))


def optional_integer(arguments: Arguments, name: str) -> int | None:
    """The named argument as an integer; None if it is missing or None."""
    value = arguments.get(name)
    return None if value is None else as_integer(value)


def flag(arguments: Arguments, name: str, default: bool = False) -> bool:
    """The named argument as a truth value."""
    value = arguments.get(name, default)
    if isinstance(value, (Unknown, Geometry)):
        raise Undetermined
    return bool(value)


def size(value: object) -> int | None:
    """One size of a shape; None if it is unknown."""
    if value is None or isinstance(value, (Unknown, Geometry)):
        return None
    return as_integer(value)


def as_sizes(value: object) -> Shape:
    """A list of sizes; a single integer is a list of one, and an unknown entry is None."""
    if isinstance(value, (tuple, list)):
        return tuple([size(item) for item in value])
    return (as_integer(value),)


def sizes(arguments: Arguments, *names: str) -> Shape:
    """The first of the named arguments that is given, as a list of sizes."""
    for name in names:
        if name in arguments:
            return as_sizes(arguments[name])
    raise Undetermined


def sizes_given(arguments: Arguments, *names: str) -> tuple[object, ...]:
    """The sizes or dimensions under the first of `names` that the call has; one by itself counts as a list of one."""
    for name in names:
        value = arguments.get(name)
        if isinstance(value, (tuple, list)):
            return tuple(value)
        if value is not None and not isinstance(value, Unknown):
            return (value,)
        if value is UNKNOWN_INTEGER:
            return (value,)
    raise Undetermined


def integers(value: object) -> tuple[int, ...]:
    """A list of integers, all of them known; a single integer is a list of one."""
    if isinstance(value, (tuple, list)):
        return tuple([as_integer(item) for item in value])
    return (as_integer(value),)


def per_dimension(value: object, count: int) -> tuple[int | None, ...]:
    """One entry per spatial dimension, from an integer for all of them or a list of `count` or one; None where unknown."""
    if isinstance(value, Unknown):
        return (None,) * count
    found = as_sizes(value)
    if len(found) == 1:
        return found * count
    if len(found) != count:
        raise Inconsistent
    return found


def wrap(dim: int, rank: int) -> int:
    """A dimension counted from the front; a tensor without dimensions is treated as having one, as torch does."""
    rank = rank or 1
    if not -rank <= dim < rank:
        raise Inconsistent
    return dim % rank


def dimensions(value: object, rank: int) -> tuple[int, ...]:
    """Several distinct dimensions counted from the front."""
    found = tuple([wrap(dim, rank) for dim in integers(value)])
    if len(set(found)) != len(found):
        raise Inconsistent
    return found


def product(values: Shape) -> int | None:
    """The product of the sizes; 0 if one is 0, else None if one is unknown."""
    result = 1
    known = True
    for value in values:
        if value == 0:
            return 0
        if value is None:
            known = False
        else:
            result *= value
    return result if known else None
