"""Views of some of the elements: `select`, `narrow`, `diagonal`, `unfold`, the parts of complex numbers, …"""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.values import (
    UNKNOWN_INTEGER,
    Arguments,
    Inconsistent,
    Unknown,
    ViewRule,
    as_integer,
    integer,
    integers,
    optional_integer,
    shape_of,
    size,
    sizes,
    wrap,
)
from gradguard.torchfacts.shapes.views import select, slice_


def _select(own: Geometry, arguments: Arguments) -> Geometry:
    return select(own, integer(arguments, "dim"), arguments.get("index"))


def _slice(own: Geometry, arguments: Arguments) -> Geometry:
    return slice_(
        own, integer(arguments, "dim", 0), arguments.get("start"), arguments.get("end"), arguments.get("step", 1)
    )


def _narrow(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    dim = wrap(integer(arguments, "dim"), len(shape))
    start, length = arguments.get("start"), size(arguments.get("length"))
    if isinstance(start, (Unknown, Geometry)) or length is None or start is None:
        part = slice_(own, dim, start if start is not None else 0, UNKNOWN_INTEGER, 1)
        resized = shape[:dim] + (length,) + shape[dim + 1 :]
        return Geometry(resized, part.strides, part.offset, own.dtype)
    begin = as_integer(start)
    whole = shape[dim]
    if whole is None:
        offset = None
        if own.offset is not None and own.strides is not None and begin >= 0:
            offset = own.offset + begin * own.strides[dim]
        return Geometry(shape[:dim] + (length,) + shape[dim + 1 :], own.strides, offset, own.dtype)
    begin = begin + whole if begin < 0 else begin
    if begin < 0 or length < 0 or begin + length > whole:
        raise Inconsistent
    return slice_(own, dim, begin, begin + length, 1)


def _diagonal(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    rank = len(shape)
    linear_algebra = "A" in arguments
    first = wrap(integer(arguments, "dim1", -2 if linear_algebra else 0), rank)
    second = wrap(integer(arguments, "dim2", -1 if linear_algebra else 1), rank)
    if first == second:
        raise Inconsistent
    shift = integer(arguments, "offset", 0)
    rows, columns = shape[first], shape[second]
    length: int | None = None
    if rows is not None and columns is not None:
        length = max(min(rows, columns - shift) if shift >= 0 else min(rows + shift, columns), 0)
    rest = [place for place in range(rank) if place not in (first, second)]
    new_shape = (*[shape[place] for place in rest], length)
    if own.strides is None:
        return Geometry(new_shape, None, None, own.dtype)
    strides = (*[own.strides[place] for place in rest], own.strides[first] + own.strides[second])
    offset = own.offset
    if shift and length is None:
        offset = None
    elif offset is not None and length != 0:
        offset += shift * own.strides[second] if shift >= 0 else -shift * own.strides[first]
    return Geometry(new_shape, strides, offset, own.dtype)


def _unfold(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    dim = wrap(integer(arguments, "dimension"), len(shape))
    window, step = integer(arguments, "size"), integer(arguments, "step")
    if step < 1 or window < 0:
        raise Inconsistent
    if not shape:
        if window > 1:
            raise Inconsistent
        return Geometry((window,), (1,), own.offset, own.dtype)
    length = shape[dim]
    if length is not None and window > length:
        raise Inconsistent
    count = None if length is None else (length - window) // step + 1
    strides = own.strides
    if strides is not None:
        strides = strides[:dim] + (strides[dim] * step,) + strides[dim + 1 :] + (strides[dim],)
    return Geometry(shape[:dim] + (count,) + shape[dim + 1 :] + (window,), strides, own.offset, own.dtype)


def _as_strided(own: Geometry, arguments: Arguments) -> Geometry:
    offset = optional_integer(arguments, "storage_offset")
    shape = sizes(arguments, "size")
    strides = integers(arguments.get("stride"))
    if len(shape) != len(strides):
        raise Inconsistent
    return Geometry(shape, strides, own.offset if offset is None else offset, own.dtype)


def _real(own: Geometry, arguments: Arguments) -> Geometry:
    if own.dtype is None:
        return Geometry(own.shape, None, None, None)
    return own if not dtypes.is_complex(own.dtype) else _part(own, 0)


def _imag(own: Geometry, arguments: Arguments) -> Geometry:
    if own.dtype is None:
        return Geometry(own.shape, None, None, None)
    if not dtypes.is_complex(own.dtype):
        raise Inconsistent
    return _part(own, 1)


def _part(own: Geometry, shift: int) -> Geometry:
    strides = None if own.strides is None else tuple([2 * stride for stride in own.strides])
    offset = None if own.offset is None else 2 * own.offset + shift
    return Geometry(own.shape, strides, offset, dtypes.real_of(own.dtype))


def _view_as_real(own: Geometry, arguments: Arguments) -> Geometry:
    part = _part(own, 0)
    strides = None if part.strides is None else (*part.strides, 1)
    return Geometry((*shape_of(own), 2), strides, part.offset, part.dtype)


def _view_as_complex(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    if not shape or shape[-1] not in (2, None):
        raise Inconsistent
    strides = None if own.strides is None else tuple([stride // 2 for stride in own.strides[:-1]])
    offset = None if own.offset is None else own.offset // 2
    return Geometry(shape[:-1], strides, offset, dtypes.complex_of(own.dtype))


VIEWS: Final[dict[str, ViewRule]] = {
    "select": _select,
    "slice": _slice,
    "narrow": _narrow,
    "diagonal": _diagonal,
    "linalg_diagonal": _diagonal,
    "unfold": _unfold,
    "as_strided": _as_strided,
    "real": _real,
    "imag": _imag,
    "view_as_real": _view_as_real,
    "view_as_complex": _view_as_complex,
}
