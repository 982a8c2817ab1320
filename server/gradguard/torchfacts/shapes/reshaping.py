"""Views that spread the same elements over other sizes: `view`, `reshape`, `expand`, `flatten`, `squeeze`, …"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.layout import fresh, is_contiguous, laid_plainly
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Undetermined,
    ViewRule,
    dimensions,
    integer,
    product,
    shape_of,
    sizes_given,
    tensor,
    wrap,
)
from gradguard.torchfacts.shapes.views import expand, reshape, resolve_sizes, unsqueeze, view


def _view(own: Geometry, arguments: Arguments) -> Geometry:
    if "dtype" in arguments and "size" not in arguments:
        return _view_as_dtype(own, dtypes.dtype_name(arguments["dtype"]))
    return view(own, sizes_given(arguments, "size", "shape"))


_BYTES: Final = {
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4, "float32": 4,
    "complex32": 4, "int64": 8, "uint64": 8, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip


def _view_as_dtype(own: Geometry, dtype: str | None) -> Geometry:
    if dtype is not None and own.dtype is not None and _BYTES.get(dtype, 0) == _BYTES.get(own.dtype, -1):
        return replace(own, dtype=dtype)
    return Geometry(None, None, None, dtype)


def _view_as(own: Geometry, arguments: Arguments) -> Geometry:
    return view(own, shape_of(tensor(arguments, "other")))


def _reshape(own: Geometry, arguments: Arguments) -> Geometry:
    return reshape(own, sizes_given(arguments, "shape", "size"))


def _reshape_as(own: Geometry, arguments: Arguments) -> Geometry:
    return reshape(own, shape_of(tensor(arguments, "other")))


def _expand(own: Geometry, arguments: Arguments) -> Geometry:
    return expand(own, sizes_given(arguments, "size"))


def _expand_as(own: Geometry, arguments: Arguments) -> Geometry:
    return expand(own, shape_of(tensor(arguments, "other")))


def _flatten(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    start = wrap(integer(arguments, "start_dim", 0), len(shape))
    end = wrap(integer(arguments, "end_dim", -1), len(shape))
    if start > end:
        raise Inconsistent
    if not shape:
        return reshape(own, (1,))
    if start == end:
        return own
    return reshape(own, (*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :]))


def _ravel(own: Geometry, arguments: Arguments) -> Geometry:
    # torch: contiguous().view(-1), where reshape would be a view of any evenly spaced memory.
    plain = is_contiguous(own)
    if plain:
        return view(own, (-1,))
    shape = (own.numel,)
    return fresh(shape, own.dtype) if plain is False else Geometry(shape, None, None, own.dtype)


def _unflatten(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    dim = wrap(integer(arguments, "dim"), len(shape))
    pieces = sizes_given(arguments, "sizes", "unflattened_size")
    part = resolve_sizes(Geometry((shape[dim],)), pieces)
    return view(own, (*shape[:dim], *part, *shape[dim + 1 :]))


def _unsqueeze(own: Geometry, arguments: Arguments) -> Geometry:
    return unsqueeze(own, integer(arguments, "dim"))


def _squeeze(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    if arguments.get("dim") is None:
        candidates = tuple(range(len(shape)))
    else:
        candidates = dimensions(arguments["dim"], len(shape))
    if any(shape[place] is None for place in candidates if place < len(shape)):
        raise Undetermined
    kept = [place for place, length in enumerate(shape) if length != 1 or place not in candidates]
    rest = tuple([shape[place] for place in kept])
    if own.contiguous:
        return laid_plainly(rest, own.offset, own.dtype)
    strides = None if own.strides is None else tuple([own.strides[place] for place in kept])
    return Geometry(rest, strides, own.offset, own.dtype)


VIEWS: Final[dict[str, ViewRule]] = {
    "view": _view,
    "_unsafe_view": _view,
    "view_as": _view_as,
    "reshape": _reshape,
    "reshape_as": _reshape_as,
    "expand": _expand,
    "broadcast_to": _expand,
    "expand_as": _expand_as,
    "flatten": _flatten,
    "ravel": _ravel,
    "unflatten": _unflatten,
    "unsqueeze": _unsqueeze,
    "squeeze": _squeeze,
}
