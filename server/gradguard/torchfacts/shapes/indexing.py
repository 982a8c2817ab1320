"""Operators that read or write by index tensors and masks: gather, scatter, index_select, take and their like."""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.layout import fresh, preserved, unlaid
from gradguard.torchfacts.shapes.overlap import overlaps_itself
from gradguard.torchfacts.shapes.subscripts import gathered, literal_index
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    flag,
    integer,
    integers,
    optional_tensor,
    shape_of,
    subject,
    tensor,
    wrap,
)


def _gather(arguments: Arguments) -> Results:
    return (fresh(tensor(arguments, "index").shape, subject(arguments).dtype),)


def _copy_of_self(arguments: Arguments) -> Results:
    """The out-of-place forms clone `self` and write into the copy."""
    own = subject(arguments)
    return (preserved(own, own.dtype),)


def _same_place(arguments: Arguments) -> Results:
    """`select_scatter` and its like copy as much of the storage as `self` spans, and lie in it as `self` does."""
    own = subject(arguments)
    overlaps = overlaps_itself(own)
    if overlaps is None:
        return (Geometry(own.shape, None, None, own.dtype),)
    return (preserved(own, own.dtype) if overlaps else own,)


def _contiguous_copy(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh(own.shape, own.dtype),)


def _index_select(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    dim = wrap(integer(arguments, "dim"), len(shape))
    count = tensor(arguments, "index").numel
    if not shape:
        return (fresh((), own.dtype),)
    picked = _with_length(shape, dim, count)
    return (fresh(picked, own.dtype),)


def _with_length(shape: Shape, dim: int, length: int | None) -> Shape:
    return shape[:dim] + (length,) + shape[dim + 1 :]


def _take(arguments: Arguments) -> Results:
    index = tensor(arguments, "index")
    return (fresh(index.shape, subject(arguments).dtype),)


def _take_along_dim(arguments: Arguments) -> Results:
    own, index = subject(arguments), tensor(arguments, "indices")
    if arguments.get("dim") is None:
        count = index.numel
        return (fresh((count,), own.dtype),)
    shape, positions = shape_of(own), shape_of(index)
    if len(shape) != len(positions):
        raise Inconsistent
    dim = wrap(integer(arguments, "dim"), len(shape))
    common = broadcast([_with_length(shape, dim, 1), _with_length(positions, dim, 1)])
    if common is None:
        raise Undetermined
    return (fresh(_with_length(common, dim, positions[dim]), own.dtype),)


def _masked_select(arguments: Arguments) -> Results:
    return (fresh((None,), subject(arguments).dtype),)


def _masked_scatter(arguments: Arguments) -> Results:
    own, mask = subject(arguments), tensor(arguments, "mask")
    shape = broadcast([own.shape, mask.shape])
    if shape == own.shape:
        return (fresh(shape, own.dtype),)
    return (unlaid(shape, own.dtype),)


def _index(arguments: Arguments) -> Results:
    own = subject(arguments)
    listed = arguments.get("indices")
    if not isinstance(listed, (tuple, list)):
        raise Undetermined
    indices: dict[int, Geometry] = {}
    place = 0
    for index in listed:
        if index is None:
            place += 1
            continue
        if not isinstance(index, Geometry):
            index = literal_index(index)
        indices[place] = index
        place += max(len(shape_of(index)), 1) if index.dtype in ("bool", "uint8") else 1
    return (gathered(own, indices),)


def _nonzero(arguments: Arguments) -> Results:
    own = subject(arguments)
    if arguments.get("as_tuple") is True:
        return (Geometry((None,), None, None, "int64"),) * max(len(shape_of(own)), 1)
    return (unlaid((None, len(shape_of(own))), "int64"),)


def _nonzero_static(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (unlaid((integer(arguments, "size"), len(shape_of(own))), "int64"),)


def _searchsorted(arguments: Arguments) -> Results:
    found = arguments.get("self", arguments.get("input"))
    dtype = "int32" if flag(arguments, "out_int32") else "int64"
    if not isinstance(found, Geometry):
        return (fresh((), dtype),)
    return (fresh(found.shape, dtype),)


def _bincount(arguments: Arguments) -> Results:
    subject(arguments)
    return (fresh((None,), "int64" if arguments.get("weights") is None else None),)


def _unravel_index(arguments: Arguments) -> Results:
    own = subject(arguments) if "self" in arguments else tensor(arguments, "indices")
    return (Geometry(own.shape, None, None, "int64"),) * len(integers(arguments.get("shape")))


def _isin(arguments: Arguments) -> Results:
    elements = optional_tensor(arguments, "elements")
    if elements is None:
        return (fresh((), "bool"),)
    return (fresh(elements.shape, "bool"),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(
        "scatter scatter_add scatter_reduce index_add index_copy index_reduce".split(),
        _contiguous_copy,
    ),
    **dict.fromkeys(
        "index_fill index_put _index_put_impl put fill_diagonal".split(),
        _copy_of_self,
    ),
    **dict.fromkeys("select_scatter slice_scatter diagonal_scatter as_strided_scatter".split(), _same_place),
    **dict.fromkeys(("searchsorted", "bucketize"), _searchsorted),
    **dict.fromkeys(("index", "_unsafe_index"), _index),
    **dict.fromkeys(("nonzero", "argwhere"), _nonzero),
    "gather": _gather,
    "index_select": _index_select,
    "take": _take,
    "take_along_dim": _take_along_dim,
    "masked_select": _masked_select,
    "masked_scatter": _masked_scatter,
    "nonzero_static": _nonzero_static,
    "isin": _isin,
    "bincount": _bincount,
    "unravel_index": _unravel_index,
}
