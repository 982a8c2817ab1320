"""Making views: exact strides and offset wherever the operand's are known.

Source: `ATen/native/TensorShape.cpp` and `ATen/ExpandUtils.cpp` of torch 2.13; the tests compare shape, strides and offset
with torch's.
"""

from __future__ import annotations

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes.layout import (
    fresh,
    is_contiguous,
    is_viewable,
    laid_plainly,
    view_strides,
)
from gradguard.torchfacts.shapes.values import (
    Inconsistent,
    Unknown,
    as_integer,
    as_sizes,
    product,
    shape_of,
    size,
    wrap,
)


def select(own: Geometry, dim: int, index: object) -> Geometry:
    """`own.select(dim, index)`; the index may be UNKNOWN_INTEGER, which leaves the offset open."""
    shape = shape_of(own)
    if not shape:
        raise Inconsistent
    dim = wrap(dim, len(shape))
    length = shape[dim]
    strides = None if own.strides is None else own.strides[:dim] + own.strides[dim + 1 :]
    offset: int | None = None
    if not isinstance(index, (Unknown, Geometry)):
        at = as_integer(index)
        if length is not None:
            if not -length <= at < length:
                raise Inconsistent
            at %= length
        if at == 0:
            offset = own.offset
        elif at >= 0 and own.offset is not None and own.strides is not None:
            offset = own.offset + at * own.strides[dim]
    rest = shape[:dim] + shape[dim + 1 :]
    if dim == 0 and own.contiguous:
        return laid_plainly(rest, offset, own.dtype)
    return Geometry(rest, strides, offset, own.dtype)


def slice_(own: Geometry, dim: int, start: object, stop: object, step: object) -> Geometry:
    """`own` from `start` to `stop` in steps along `dim`; bounds are cut to the size, and may be unknown integers."""
    shape = shape_of(own)
    if not shape:
        raise Inconsistent
    dim = wrap(dim, len(shape))
    length = shape[dim]
    stride = None if own.strides is None else own.strides[dim]
    by = 1 if step is None else None if isinstance(step, (Unknown, Geometry)) else as_integer(step)
    if by is not None and by < 1:
        raise Inconsistent
    first = _bound(start, 0, length)
    last = _bound(stop, length, length)
    count: int | None = None
    if first is not None and last is not None and by is not None:
        count = max(0, -((first - last) // by))
    offset: int | None = None
    if first == 0:
        offset = own.offset
    elif first is not None and own.offset is not None and stride is not None:
        offset = own.offset + first * stride
    cut = shape[:dim] + (count,) + shape[dim + 1 :]
    if own.contiguous and by == 1 and (dim == 0 or (first == 0 and stop is None)):
        return laid_plainly(cut, offset, own.dtype)
    strides: tuple[int, ...] | None = None
    if own.strides is not None and stride is not None and by is not None:
        strides = own.strides[:dim] + (stride * by,) + own.strides[dim + 1 :]
    return Geometry(cut, strides, offset, own.dtype)


def _bound(value: object, default: int | None, length: int | None) -> int | None:
    """A slice's bound counted from the front and cut to the length; None if unknown."""
    if value is None:
        return default
    if isinstance(value, (Unknown, Geometry)):
        return None
    bound = as_integer(value)
    if length is None:
        return 0 if bound == 0 else None
    if bound < 0:
        bound += length
    return min(max(bound, 0), length)


def permute(own: Geometry, order: tuple[int, ...]) -> Geometry:
    """The dimensions of `own` in another order."""
    shape = shape_of(own)
    if sorted(order) != list(range(len(shape))):
        raise Inconsistent
    if list(order) == sorted(order):
        return own
    strides = None if own.strides is None else tuple([own.strides[place] for place in order])
    return Geometry(tuple([shape[place] for place in order]), strides, own.offset, own.dtype)


def unsqueeze(own: Geometry, dim: int) -> Geometry:
    """A dimension of size 1 more."""
    shape = shape_of(own)
    dim = wrap(dim, len(shape) + 1)
    if own.contiguous:
        return laid_plainly(shape[:dim] + (1,) + shape[dim:], own.offset, own.dtype)
    strides = own.strides
    if strides is not None:
        step: int | None = 1
        if dim < len(shape):
            length = shape[dim]
            step = None if length is None else length * strides[dim]
        strides = None if step is None else strides[:dim] + (step,) + strides[dim:]
    return Geometry(shape[:dim] + (1,) + shape[dim:], strides, own.offset, own.dtype)


def expand(own: Geometry, wanted: tuple[object, ...]) -> Geometry:
    """`own` broadcast to the sizes, where -1 keeps one; torch's inferExpandGeometry."""
    shape = shape_of(own)
    missing = len(wanted) - len(shape)
    if missing < 0:
        raise Inconsistent
    new: list[int | None] = []
    strides: list[int | None] = []
    for place in range(len(wanted) - 1, -1, -1):
        want = size(wanted[place])
        if place >= missing:
            old = shape[place - missing]
            stride = None if own.strides is None else own.strides[place - missing]
        else:
            old = 1
            stride = None
            if not shape:
                stride = 0
            elif new[-1] is not None and strides[-1] is not None:
                stride = new[-1] * strides[-1]
        if want == -1:
            if place < missing:
                raise Inconsistent
            want = old
        elif old is not None and old != 1:
            if want is not None and want != old:
                raise Inconsistent
            # Only the size itself or -1 is possible here, also where it is unknown.
            want = old
        elif want != old:
            stride = 0 if old == 1 and want is not None else None
        elif want is None:
            stride = None
        new.append(want)
        strides.append(stride)
    new.reverse()
    strides.reverse()
    if own.contiguous and tuple(new) == shape and all(size(entry) is not None for entry in wanted):
        return own
    known = tuple([stride for stride in strides if stride is not None])
    return Geometry(tuple(new), known if len(known) == len(new) else None, own.offset, own.dtype)


def resolve_sizes(own: Geometry, wanted: tuple[object, ...]) -> Shape:
    """The sizes of `view` and `reshape` with -1 worked out; unknown entries stay None.

    An unknown entry may be a -1 in disguise, so all that is known is the product.
    """
    found = as_sizes(wanted)
    if any(entry is not None and entry < -1 for entry in found):
        raise Inconsistent
    total = own.numel if own.shape is not None else None
    free = [place for place, entry in enumerate(found) if entry == -1]
    if len(free) > 1:
        raise Inconsistent
    rest = product(tuple([entry for entry in found if entry != -1]))
    if not free:
        if total is not None and rest is not None and total != rest:
            raise Inconsistent
        unknown = [place for place, entry in enumerate(found) if entry is None]
        if len(unknown) == 1 and total is not None:
            free = unknown
            rest = product(tuple([entry for entry in found if entry is not None]))
        else:
            return found
    inferred: int | None = None
    if total is not None and rest is not None:
        if rest == 0 or total % rest:
            raise Inconsistent
        inferred = total // rest
    elif rest is not None and own.shape is not None:
        inferred = None
    return tuple([inferred if place in free else entry for place, entry in enumerate(found)])


def view(own: Geometry, wanted: tuple[object, ...]) -> Geometry:
    """`own.view(sizes)`; refused where torch refuses."""
    shape = resolve_sizes(own, wanted)
    if is_viewable(own, shape) is False:
        raise Inconsistent
    return _viewed(own, shape)


def _viewed(own: Geometry, shape: Shape) -> Geometry:
    strides = view_strides(own, shape)
    if strides is None and is_contiguous(own):
        return laid_plainly(shape, own.offset, own.dtype)
    return Geometry(shape, strides, own.offset, own.dtype)


def reshape(own: Geometry, wanted: tuple[object, ...]) -> Geometry:
    """`own.reshape(sizes)`: a view if it can be one, else a contiguous copy."""
    shape = resolve_sizes(own, wanted)
    possible = is_viewable(own, shape)
    if possible:
        return _viewed(own, shape)
    if possible is False:
        return fresh(shape, own.dtype)
    # Copies are contiguous; a view of an unknown layout may have any strides.
    return Geometry(shape, None, None, own.dtype)
