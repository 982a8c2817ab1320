"""Strides: contiguous and preserved layouts, and when a view is possible.

Sources (torch 2.13): `ATen/TensorUtils.cpp` (computeStride), `ATen/TensorIterator.cpp` (reorder_dimensions, fast set-up),
`ATen/ExpandUtils.cpp` (infer_dense_strides), `c10/core/Contiguity.h`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from gradguard.torchfacts.geometry import Geometry, Shape

Strides = tuple[int, ...]


@lru_cache(maxsize=4096)
def contiguous_strides(shape: Shape) -> Strides | None:
    """The strides of a freshly made tensor; None if they rest on an unknown size (that of the first dimension never counts)."""
    strides: list[int] = []
    step = 1
    for place in range(len(shape) - 1, -1, -1):
        strides.append(step)
        size = shape[place]
        if size is None:
            if place:
                return None
        elif size > 1:
            step *= size
    strides.reverse()
    return tuple(strides)


def fresh(shape: Shape | None, dtype: str | None) -> Geometry:
    """A freshly made contiguous tensor."""
    return laid_plainly(shape, 0, dtype)


def laid_plainly(shape: Shape | None, offset: int | None, dtype: str | None) -> Geometry:
    """A tensor with the strides of a fresh one, which lies somewhere in its storage."""
    strides = None if shape is None else contiguous_strides(shape)
    return Geometry(shape, strides, offset, dtype, strides is None)


def is_plain(geometry: Geometry) -> bool:
    """Whether the strides are known to be those of a fresh tensor, also in dimensions of size 1, where they do not count."""
    if geometry.strides is None:
        return geometry.contiguous
    return geometry.shape is not None and geometry.strides == contiguous_strides(geometry.shape)


def unlaid(shape: Shape | None, dtype: str | None) -> Geometry:
    """A new tensor of which the memory layout is not known."""
    if shape is not None and len(shape) < 2:
        return fresh(shape, dtype)
    return Geometry(shape, None, 0, dtype)


def is_contiguous(geometry: Geometry) -> bool | None:
    """`Tensor.is_contiguous()`; None if unknown."""
    shape, strides = geometry.shape, geometry.strides
    if geometry.contiguous:
        return True
    if shape is None:
        return None
    if 0 in shape:
        return True
    if strides is None:
        return None
    if strides == contiguous_strides(shape):
        return True
    expected = 1
    for place in range(len(shape) - 1, -1, -1):
        size = shape[place]
        if size == 1:
            continue
        if strides[place] != expected:
            # With an unknown size of 1 the stride would not count.
            return None if size is None else False
        if size is None:
            return None if place else True
        expected *= size
    return True


def _is_channels_last(shape: Sequence[int], strides: Strides) -> bool:
    expected = 1
    for place in (1, 3, 2, 0):
        if shape[place] != 1:
            if strides[place] != expected:
                return False
            expected *= shape[place]
    return True


def known_shape(shape: Shape | None) -> tuple[int, ...] | None:
    """The shape if all its sizes are known."""
    if shape is None or None in shape:
        return None
    return shape  # type: ignore[return-value]


@lru_cache(maxsize=4096)
def is_dense(shape: tuple[int, ...], strides: Strides) -> bool:
    """Whether the elements fill a stretch of memory without gap or overlap (`is_non_overlapping_and_dense`)."""
    if 0 in shape:
        return True
    order = sorted(range(len(shape)), key=lambda place: (shape[place] < 2, strides[place]))
    expected = 1
    for place in order:
        if shape[place] < 2:
            return True
        if strides[place] != expected:
            return False
        expected *= shape[place]
    return True


def _sorted_order(shape: Sequence[int], operands: Sequence[Strides]) -> list[int]:
    """TensorIterator's order of the dimensions, fastest first: an insertion sort that keeps ambiguous pairs where they are."""
    order = list(range(len(shape) - 1, -1, -1))
    for start in range(1, len(order)):
        moving = start
        for other in range(start - 1, -1, -1):
            comparison = _compare(shape, operands, order[other], order[moving])
            if comparison > 0:
                order[other], order[moving] = order[moving], order[other]
                moving = other
            elif comparison < 0:
                break
    return order


def _compare(shape: Sequence[int], operands: Sequence[Strides], first: int, second: int) -> int:
    for strides in operands:
        one, two = strides[first], strides[second]
        if one == 0 or two == 0:
            continue
        if one != two:
            return -1 if one < two else 1
        if shape[first] > shape[second]:
            return 1
    return 0


def _strides_in_order(shape: Sequence[int], order: Sequence[int]) -> Strides:
    strides = [0] * len(shape)
    step = 1
    for place in order:
        strides[place] = step
        step *= shape[place]
    return tuple(strides)


def preserved(own: Geometry, dtype: str | None) -> Geometry:
    """A new tensor laid out like `own`: `clone`, `empty_like` and the rest of torch.preserve_format."""
    if is_plain(own):
        return fresh(own.shape, dtype)
    known = known_shape(own.shape)
    if known is None or own.strides is None:
        return Geometry(own.shape, None, 0, dtype)
    strides = own.strides
    if not is_dense(known, strides):
        strides = _strides_in_order(known, _sorted_order(known, (strides,)))
    return Geometry(own.shape, strides, 0, dtype)


def elementwise(shape: Shape | None, operands: Sequence[Geometry], dtype: str | None) -> Geometry:
    """A new result of TensorIterator, whose `operands` are broadcast to `shape`.

    A Python number takes part as a tensor without dimensions. An unknown size is taken not to be 0: the strides of a tensor
    without elements do not matter.
    """
    same_shape = True
    plain = True
    for operand in operands:
        if operand.shape != shape:
            same_shape = False
        if plain and operand.shape != () and not is_plain(operand):
            plain = False
    if (plain and (same_shape or shape is None or 0 not in shape)) or (shape is not None and len(shape) < 2):
        return fresh(shape, dtype)
    known = known_shape(shape)
    strides: Strides | None = None
    if known is not None:
        if same_shape and all(is_contiguous(operand) for operand in operands):
            return fresh(shape, dtype)
        strides = (_fast_strides(known, operands) if same_shape else None) or _reordered_strides(known, operands)
    return Geometry(shape, strides, 0, dtype)


def _fast_strides(shape: tuple[int, ...], operands: Sequence[Geometry]) -> Strides | None:
    """TensorIterator's short cuts for operands of one shape that are not contiguous."""
    first = operands[0].strides
    if len(shape) == 4 and all(o.strides is not None and _is_channels_last(shape, o.strides) for o in operands):
        _, channels, height, width = shape
        return (channels * height * width, 1, channels * width, channels)
    if first is not None and is_dense(shape, first) and all(o.strides == first for o in operands):
        return first
    return None


def _reordered_strides(shape: tuple[int, ...], operands: Sequence[Geometry]) -> Strides | None:
    spread: list[Strides] = []
    for operand in operands:
        if operand.shape is None or None in operand.shape or operand.strides is None:
            return None
        missing = len(shape) - len(operand.shape)
        own = operand.strides
        spread.append(
            (0,) * missing
            + tuple(
                [
                    0 if size == 1 and shape[missing + place] != 1 else own[place]
                    for place, size in enumerate(operand.shape)
                ]
            )
        )
    order = _sorted_order(shape, spread)
    if order == list(range(len(shape) - 1, -1, -1)):
        return contiguous_strides(shape)
    return _strides_in_order(shape, order)


def suggests_channels_last(geometry: Geometry) -> bool | None:
    """Whether an operator that heeds memory formats takes the tensor for channels_last; None if unknown.

    Source: `is_channels_last_strides_2d` and `_3d`, which judge four and five dimensions.
    """
    shape, strides = geometry.shape, geometry.strides
    if is_plain(geometry) or (shape is not None and len(shape) not in (4, 5)):
        return False
    if shape is None or strides is None or None in shape[1:]:
        return None
    least = 0
    for place in (1, *range(len(shape) - 1, 1, -1), 0):
        size, stride = shape[place], strides[place]
        if size == 0 or stride < least or strides[1] == 0 or (place == 0 and least == strides[1]):
            return False
        least = stride * size if size is not None and size > 1 else stride
    return True


def fresh_beside(operands: Sequence[Geometry], shape: Shape | None, dtype: str | None) -> Geometry:
    """A new tensor that is contiguous, unless an operand is channels_last: then the layout is left open."""
    if all(suggests_channels_last(operand) is False for operand in operands):
        return fresh(shape, dtype)
    return unlaid(shape, dtype)


def view_strides(geometry: Geometry, new_shape: Shape) -> Strides | None:
    """The strides with which the same memory has `new_shape` (no -1 in it); None if there are none, or if that is unknown.

    `is_viewable` tells the two apart.
    """
    old_shape, old_strides = geometry.shape, geometry.strides
    if old_shape is None or old_strides is None:
        return None
    if old_strides == contiguous_strides(old_shape) and 0 not in old_shape:
        return contiguous_strides(new_shape)
    old, new = known_shape(old_shape), known_shape(new_shape)
    if old is None or new is None:
        return None
    return _compute_stride(old, old_strides, new)


def _compute_stride(old: tuple[int, ...], strides: Strides, new: tuple[int, ...]) -> Strides | None:
    """torch's computeStride: the new dimensions must divide the stretches of old ones that are contiguous among themselves."""
    if not old:
        return (1,) * len(new)
    if 0 in old:
        return contiguous_strides(new) if old != new else strides
    result = [0] * len(new)
    place = len(new) - 1
    base_stride = strides[-1]
    old_count = new_count = 1
    for dim in range(len(old) - 1, -1, -1):
        old_count *= old[dim]
        if dim == 0 or (old[dim - 1] != 1 and strides[dim - 1] != old_count * base_stride):
            while place >= 0 and (new_count < old_count or new[place] == 1):
                result[place] = new_count * base_stride
                new_count *= new[place]
                place -= 1
            if new_count != old_count:
                return None
            if dim > 0:
                base_stride = strides[dim - 1]
                old_count = new_count = 1
    return tuple(result) if place == -1 else None


def is_viewable(geometry: Geometry, new_shape: Shape) -> bool | None:
    """Whether `view(new_shape)` works, hence `reshape` gives a view; None if unknown."""
    if is_contiguous(geometry):
        return True
    old, new = known_shape(geometry.shape), known_shape(new_shape)
    if old is None or new is None or geometry.strides is None:
        return None
    return _compute_stride(old, geometry.strides, new) is not None
