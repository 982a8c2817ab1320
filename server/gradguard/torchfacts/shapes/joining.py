"""Operators that join, repeat or rearrange whole tensors into new memory: cat, stack, repeat, flip, meshgrid and their like."""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.elementwise import common_dtype
from gradguard.torchfacts.shapes.layout import fresh, fresh_beside, preserved, unlaid
from gradguard.torchfacts.shapes.linear_algebra import agree
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    Unknown,
    as_sizes,
    dimensions,
    integer,
    optional_integer,
    product,
    shape_of,
    size,
    subject,
    tensors,
    wrap,
)
from gradguard.torchfacts.shapes.views import expand, reshape


def _dtype_of_all(parts: tuple[Geometry, ...]) -> str | None:
    return common_dtype(parts)


def _joined(parts: tuple[Geometry, ...], dim: int) -> Geometry:
    """`cat`. Empty one-dimensional tensors are left out, as torch still does."""
    dtype = _dtype_of_all(parts)
    if any(part.shape is None for part in parts):
        return unlaid(None, dtype)
    shapes = [shape_of(part) for part in parts]
    kept = [shape for shape in shapes if shape != (0,)] or [(0,)]
    first = kept[0]
    if not first:
        raise Inconsistent
    place = wrap(dim, len(first))
    total: int | None = 0
    merged: list[int | None] = list(first)
    for shape in kept:
        if len(shape) != len(first):
            raise Inconsistent
        length = shape[place]
        total = None if total is None or length is None else total + length
        merged = [
            agree(one, two) if at != place else None for at, (one, two) in enumerate(zip(merged, shape, strict=True))
        ]
    merged[place] = total
    return fresh_beside(parts, tuple(merged), dtype)


def _cat(arguments: Arguments) -> Results:
    parts = tensors(arguments, "tensors")
    if not parts:
        raise Inconsistent
    try:
        return (_joined(parts, integer(arguments, "dim", 0)),)
    except Undetermined:
        return (unlaid(None, _dtype_of_all(parts)),)


def _stack(arguments: Arguments) -> Results:
    parts = tensors(arguments, "tensors")
    if not parts:
        raise Inconsistent
    dtype = _dtype_of_all(parts)
    known = [part.shape for part in parts if part.shape is not None]
    if not known or len(known) != len(parts):
        return (unlaid(None, dtype),)
    shape = known[0]
    for other in known[1:]:
        if len(other) != len(shape):
            raise Inconsistent
        shape = tuple([agree(one, two) for one, two in zip(shape, other, strict=True)])
    place = wrap(integer(arguments, "dim", 0), len(shape) + 1)
    return (fresh_beside(parts, (*shape[:place], len(parts), *shape[place:]), dtype),)


def _stacked_along(rank: int, place: int, column: bool = False) -> Rule:
    """`vstack`, `hstack`, `dstack`, `column_stack`: at least `rank` dimensions each, joined along `place`."""

    def raised(part: Geometry) -> Geometry:
        shape = shape_of(part)
        if len(shape) >= rank:
            return part
        if column:
            return fresh((product(shape), 1), part.dtype)
        if rank == 3:
            new: Shape = (1, 1, 1) if not shape else (1, shape[0], 1) if len(shape) == 1 else (*shape, 1)
        else:
            new = (1,) * (rank - len(shape)) + shape
        return fresh(new, part.dtype)

    def rule(arguments: Arguments) -> Results:
        parts = tensors(arguments, "tensors")
        if not parts:
            raise Inconsistent
        widened = tuple([raised(part) for part in parts])
        result = _joined(widened, 0 if place == 1 and not column and len(shape_of(widened[0])) == 1 else place)
        return (fresh_beside(parts, result.shape, result.dtype),)

    return rule


def _repeat(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    times = as_sizes(arguments.get("repeats", arguments.get("dims")))
    if len(times) < len(shape):
        if "repeats" in arguments:
            raise Inconsistent
        times = (1,) * (len(shape) - len(times)) + times
    padded = (1,) * (len(times) - len(shape)) + shape
    return (fresh(tuple([product(pair) for pair in zip(padded, times, strict=True)]), own.dtype),)


def _repeat_interleave(arguments: Arguments) -> Results:
    if "self" not in arguments and "input" not in arguments:
        return (fresh((None,), "int64"),)
    own = subject(arguments)
    dim = optional_integer(arguments, "dim")
    shape: Shape = (product(shape_of(own)),) if dim is None else shape_of(own)
    place = 0 if dim is None else wrap(dim, len(shape))
    total = optional_integer(arguments, "output_size")
    if total is None:
        repeats = size(arguments.get("repeats"))
        total = product((shape[place] if shape else 1, repeats))
    return (fresh(shape[:place] + (total,) + shape[place + 1 :], own.dtype),)


def _same_layout(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (preserved(own, own.dtype),)


def _same_shape(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh_beside((own,), own.shape, own.dtype),)


def _rot90(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = list(shape_of(own))
    first, second = dimensions(arguments.get("dims", (0, 1)), len(shape))
    if integer(arguments, "k", 1) % 2:
        shape[first], shape[second] = shape[second], shape[first]
    return (unlaid(tuple(shape), own.dtype),)


def _diag(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    shift = integer(arguments, "diagonal", integer(arguments, "offset", 0))
    if len(shape) == 1:
        side = None if shape[0] is None else shape[0] + abs(shift)
        return (fresh((side, side), own.dtype),)
    if len(shape) != 2:
        raise Inconsistent
    rows, columns = shape
    length: int | None = None
    if rows is not None and columns is not None:
        length = max(min(rows, columns - shift) if shift >= 0 else min(rows + shift, columns), 0)
    return (fresh((length,), own.dtype),)


def _diag_embed(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    if not shape:
        raise Inconsistent
    rank = len(shape) + 1
    shift = integer(arguments, "offset", 0)
    first, second = wrap(integer(arguments, "dim1", -2), rank), wrap(integer(arguments, "dim2", -1), rank)
    if first == second:
        raise Inconsistent
    side = None if shape[-1] is None else shape[-1] + abs(shift)
    rest = iter(shape[:-1])
    return (fresh(tuple([side if place in (first, second) else next(rest) for place in range(rank)]), own.dtype),)


def _diagflat(arguments: Arguments) -> Results:
    own = subject(arguments)
    count = product(shape_of(own))
    side = None if count is None else count + abs(integer(arguments, "offset", 0))
    return (fresh((side, side), own.dtype),)


def _block_diag(arguments: Arguments) -> Results:
    parts = tensors(arguments, "tensors")
    rows: list[int | None] = []
    columns: list[int | None] = []
    for part in parts:
        shape = shape_of(part)
        if len(shape) > 2:
            raise Inconsistent
        padded = (1,) * (2 - len(shape)) + shape
        rows.append(padded[0])
        columns.append(padded[1])
    return (fresh((_total(rows), _total(columns)), _dtype_of_all(parts)),)


def _total(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _meshgrid(arguments: Arguments) -> Results:
    parts = tensors(arguments, "tensors")
    indexing = arguments.get("indexing")
    if isinstance(indexing, Unknown) and len(parts) > 1:
        raise Undetermined
    swap = indexing == "xy" and len(parts) > 1
    order = [1, 0, *range(2, len(parts))] if swap else list(range(len(parts)))
    lengths = [product(shape_of(parts[place])) for place in order]
    results: list[Geometry | None] = [None] * len(parts)
    for place, which in enumerate(order):
        column = tuple([lengths[place] if at == place else 1 for at in range(len(parts))])
        results[which] = expand(reshape(parts[which], column), tuple(lengths))
    return tuple([grid for grid in results if grid is not None])


def _cartesian_prod(arguments: Arguments) -> Results:
    parts = tensors(arguments, "tensors")
    if len(parts) == 1:
        return parts
    return (unlaid((product(tuple([product(shape_of(part)) for part in parts])), len(parts)), _dtype_of_all(parts)),)


def _broadcast_tensors(arguments: Arguments) -> Results:
    parts = tensors(arguments, "tensors")
    shape = broadcast([part.shape for part in parts])
    if shape is None:
        raise Undetermined
    return tuple([expand(part, shape) for part in parts])


def _tril_indices(arguments: Arguments) -> Results:
    return (unlaid((2, None), dtypes.dtype_argument(arguments, "int64")),)


def _combinations(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (unlaid((None, integer(arguments, "r", 2)), own.dtype),)


def _vander(arguments: Arguments) -> Results:
    own = subject(arguments) if "self" in arguments or "input" in arguments else tensors(arguments, "x")[0]
    shape = shape_of(own) or (1,)
    width = arguments.get("N", arguments.get("n"))
    return (unlaid((*shape, shape[-1] if width is None else size(width)), own.dtype),)


def _shuffled(arguments: Arguments) -> Results:
    own = subject(arguments)
    factor = integer(arguments, "upscale_factor")
    shape = shape_of(own)
    if len(shape) < 3:
        raise Inconsistent
    channels = shape[-3]
    if channels is not None and channels % (factor * factor):
        raise Inconsistent
    fewer = None if channels is None else channels // (factor * factor)
    return (
        fresh_beside(
            (own,), (*shape[:-3], fewer, product((shape[-2], factor)), product((shape[-1], factor))), own.dtype
        ),
    )


def _unshuffled(arguments: Arguments) -> Results:
    own = subject(arguments)
    factor = integer(arguments, "downscale_factor")
    shape = shape_of(own)
    if len(shape) < 3 or factor < 1:
        raise Inconsistent
    small = [None if length is None else length // factor for length in shape[-2:]]
    return (fresh_beside((own,), (*shape[:-3], product((shape[-3], factor * factor)), *small), own.dtype),)


def _triangle(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh(own.shape, own.dtype),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("cat", "concat", "concatenate"), _cat),
    **dict.fromkeys(("vstack", "row_stack"), _stacked_along(2, 0)),
    **dict.fromkeys(("flip", "fliplr", "flipud"), _same_layout),
    **dict.fromkeys(("tril", "triu"), _triangle),
    **dict.fromkeys(("tril_indices", "triu_indices"), _tril_indices),
    **dict.fromkeys(("repeat", "tile"), _repeat),
    **dict.fromkeys(("roll", "fftshift", "ifftshift"), _same_shape),
    **dict.fromkeys(("vander", "linalg_vander"), _vander),
    "stack": _stack,
    "hstack": _stacked_along(1, 1),
    "dstack": _stacked_along(3, 2),
    "column_stack": _stacked_along(2, 1, column=True),
    "repeat_interleave": _repeat_interleave,
    "rot90": _rot90,
    "diag": _diag,
    "diag_embed": _diag_embed,
    "diagflat": _diagflat,
    "block_diag": _block_diag,
    "meshgrid": _meshgrid,
    "cartesian_prod": _cartesian_prod,
    "broadcast_tensors": _broadcast_tensors,
    "combinations": _combinations,
    "pixel_shuffle": _shuffled,
    "pixel_unshuffle": _unshuffled,
}
