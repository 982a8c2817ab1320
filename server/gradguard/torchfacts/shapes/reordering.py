"""Views with the dimensions in another order: `transpose`, `permute`, `movedim`, `T`, …"""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    ViewRule,
    as_integer,
    dimensions,
    integers,
    shape_of,
    sizes_given,
    wrap,
)
from gradguard.torchfacts.shapes.views import permute


def _transpose(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    first = wrap(as_integer(arguments.get("dim0", arguments.get("axis0"))), rank)
    second = wrap(as_integer(arguments.get("dim1", arguments.get("axis1"))), rank)
    order = list(range(rank))
    if rank:
        order[first], order[second] = order[second], order[first]
    return permute(own, tuple(order))


def _t(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    if rank > 2:
        raise Inconsistent
    return permute(own, tuple(range(rank))[::-1])


def _reversed(own: Geometry, arguments: Arguments) -> Geometry:
    return permute(own, tuple(range(len(shape_of(own))))[::-1])


def _matrix_transpose(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    if rank < 2:
        if rank == 0:
            return own
        raise Inconsistent
    return permute(own, (*range(rank - 2), rank - 1, rank - 2))


def _permute(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    dims = integers(sizes_given(arguments, "dims"))
    return permute(own, tuple([wrap(dim, rank) for dim in dims]))


def _movedim(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    source = dimensions(arguments.get("source"), rank)
    target = dimensions(arguments.get("destination"), rank)
    if len(source) != len(target):
        raise Inconsistent
    if rank == 0:
        return own
    rest = iter([place for place in range(rank) if place not in source])
    moved = dict(zip(target, source, strict=True))
    return permute(own, tuple([moved[place] if place in moved else next(rest) for place in range(rank)]))


VIEWS: Final[dict[str, ViewRule]] = {
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _transpose),
    **dict.fromkeys(("movedim", "moveaxis"), _movedim),
    **dict.fromkeys(("T", "numpy_T"), _reversed),
    **dict.fromkeys(("mT", "mH", "adjoint", "matrix_H"), _matrix_transpose),
    **dict.fromkeys(("t", "H"), _t),
    "permute": _permute,
}
