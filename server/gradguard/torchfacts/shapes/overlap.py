"""When tensors share memory so that torch refuses to write.

Source: `ATen/MemoryOverlap.cpp` of torch 2.13.
"""

from __future__ import annotations

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes.layout import is_dense, known_shape


def overlaps_itself(geometry: Geometry) -> bool | None:
    """Whether torch refuses a write because several elements share memory: a dimension of size > 1 with stride 0, no more.

    Source: `has_internal_overlap`, which answers "too hard" for overlaps of other kinds and lets them pass.
    """
    shape, strides = geometry.shape, geometry.strides
    if shape is None or (strides is None and shape):
        return None
    unsure = False
    for size, stride in zip(shape, strides or (), strict=True):
        if stride == 0:
            if size is None:
                unsure = True
            elif size > 1:
                # Contiguous comes first in torch: with a size of 0 there is nothing that overlaps.
                return False if 0 in shape else None if None in shape else True
    return None if unsure else False


def _extent(geometry: Geometry) -> tuple[int, int] | None:
    """First and one past the last element; None if unknown."""
    shape = known_shape(geometry.shape)
    if shape is None or geometry.strides is None or geometry.offset is None:
        return None
    last = geometry.offset + sum((size - 1) * stride for size, stride in zip(shape, geometry.strides, strict=True))
    return geometry.offset, last + 1


def partially_overlap(first: Geometry, second: Geometry) -> bool | None:
    """Whether two tensors of one storage overlap so that torch refuses to write one while it reads the other.

    Both count in elements of the same storage. Source: `get_overlap_status` and `assert_no_partial_overlap`: only dense tensors
    are judged; the same memory with the same strides is full overlap, which is allowed.
    """
    if first.numel == 0 or second.numel == 0:
        return False
    one, two = _extent(first), _extent(second)
    if one is None or two is None or first.numel is None or second.numel is None:
        return None
    if not _dense(first) or not _dense(second):
        return False
    if one == two:
        return first.strides != second.strides
    return one[0] < two[1] and two[0] < one[1]


def _dense(geometry: Geometry) -> bool:
    shape = known_shape(geometry.shape)
    return shape is not None and geometry.strides is not None and is_dense(shape, geometry.strides)
