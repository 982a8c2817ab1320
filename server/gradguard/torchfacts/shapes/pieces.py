"""Operators that cut a tensor into several views: chunk, split, unbind and their like."""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    integer,
    integers,
    shape_of,
    subject,
    wrap,
)
from gradguard.torchfacts.shapes.view_operators import copied
from gradguard.torchfacts.shapes.views import select, slice_


def _pieces(own: Geometry, dim: int, lengths: list[int]) -> Results:
    results: list[Geometry] = []
    start = 0
    for length in lengths:
        results.append(slice_(own, dim, start, start + length, 1))
        start += length
    return tuple(results)


def _length(own: Geometry, dim: int) -> int:
    length = shape_of(own)[dim]
    if length is None:
        raise Undetermined
    return length


def _dim(arguments: Arguments, own: Geometry) -> int:
    shape = shape_of(own)
    if not shape:
        raise Inconsistent
    return wrap(integer(arguments, "dim", 0), len(shape))


def _equal_pieces(length: int, size: int) -> list[int]:
    """Pieces of one size, the last one shorter; of nothing, one empty piece."""
    if size == 0:
        if length:
            raise Inconsistent
        return [0]
    if size < 0:
        raise Inconsistent
    count = max(-(-length // size), 1)
    return [size] * (count - 1) + [length - size * (count - 1)]


def _split(arguments: Arguments) -> Results:
    own = subject(arguments)
    dim = _dim(arguments, own)
    wanted = next(
        (arguments[name] for name in ("split_size", "split_sizes", "split_size_or_sections") if name in arguments), None
    )
    if isinstance(wanted, (tuple, list)):
        lengths = list(integers(wanted))
        whole = shape_of(own)[dim]
        if whole is not None and sum(lengths) != whole:
            raise Inconsistent
        if whole is None:
            own = Geometry(_with_length(own, dim, sum(lengths)), own.strides, own.offset, own.dtype)
        return _pieces(own, dim, lengths)
    return _pieces(own, dim, _equal_pieces(_length(own, dim), integer({"size": wanted}, "size")))


def _with_length(own: Geometry, dim: int, length: int) -> tuple[int | None, ...]:
    shape = shape_of(own)
    return shape[:dim] + (length,) + shape[dim + 1 :]


def _chunk(arguments: Arguments) -> Results:
    own = subject(arguments)
    dim = _dim(arguments, own)
    count = integer(arguments, "chunks")
    if count < 1:
        raise Inconsistent
    whole = shape_of(own)[dim]
    if whole is None:
        # The number of pieces may be smaller than asked for.
        raise Undetermined
    if whole == 0:
        return _pieces(own, dim, [0] * count)
    return _pieces(own, dim, _equal_pieces(whole, -(-whole // count)))


def _unbind(arguments: Arguments) -> Results:
    own = subject(arguments)
    dim = _dim(arguments, own)
    return tuple([select(own, dim, place) for place in range(_length(own, dim))])


def _cut(own: Geometry, dim: int, arguments: Arguments) -> Results:
    """tensor_split: a number of nearly equal sections, or the places to cut at (as Python slices go)."""
    wanted = next(
        (arguments[name] for name in ("sections", "indices", "indices_or_sections", "tensor_indices_or_sections", "split_size_or_sections")
         if arguments.get(name) is not None), None
    )  # fmt: skip
    if isinstance(wanted, (tuple, list)):
        cuts = [0, *integers(wanted)]
        ends: list[int | None] = [*cuts[1:], None]
        return tuple([slice_(own, dim, start, end, 1) for start, end in zip(cuts, ends, strict=True)])
    sections = integer({"sections": wanted}, "sections")
    if sections < 1:
        raise Inconsistent
    least, larger = divmod(_length(own, dim), sections)
    return _pieces(own, dim, [least + (place < larger) for place in range(sections)])


def _tensor_split(arguments: Arguments) -> Results:
    own = subject(arguments)
    return _cut(own, _dim(arguments, own), arguments)


def _split_along(dim: int) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        rank = len(shape_of(own))
        if dim == 1 and rank == 1:
            return _cut(own, 0, arguments)
        if rank <= dim:
            raise Inconsistent
        return _cut(own, dim, arguments)

    return rule


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("split", "split_with_sizes", "unsafe_split", "unsafe_split_with_sizes"), _split),
    **dict.fromkeys(("chunk", "unsafe_chunk"), _chunk),
    "unbind": _unbind,
    "tensor_split": _tensor_split,
    "hsplit": _split_along(1),
    "vsplit": _split_along(0),
    "dsplit": _split_along(2),
    "split_copy": copied(_split),
    "split_with_sizes_copy": copied(_split),
    "unbind_copy": copied(_unbind),
}
