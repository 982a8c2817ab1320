"""Whether memory surely overlaps, as torch's kernels see it before they write.

Torch looks only for a dimension of stride 0 (`at::has_internal_overlap`) and for operands that start inside the written stretch of
memory (`at::get_overlap_status`); for a layout that is not known nothing is claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradguard.torchfacts.geometry import Geometry

# Kernels that do not look (measured: tests/tape/test_overlap.py runs every one of them on expanded memory).
OVERLAP_UNCHECKED = frozenset({"zero_", "fill_", "masked_fill_", "index_fill_", "index_put_", "_index_put_impl_"})


def overlaps_itself(geometry: Geometry) -> bool:
    """Whether two elements surely share one memory location because a dimension of size > 1 has stride 0."""
    shape, strides = geometry.shape, geometry.strides
    if strides is None or shape is None or 0 not in strides:
        return False
    if geometry.numel == 0:
        return False
    return any(stride == 0 and size is not None and size > 1 for size, stride in zip(shape, strides, strict=True))


def partially_overlap(written: Geometry, read: Geometry) -> bool:
    """Whether two layouts of one memory surely overlap without being the same; both must be free of holes, as torch demands."""
    first, second = _stretch(written), _stretch(read)
    if first is None or second is None:
        return False
    if first == second:
        return written.strides != read.strides
    return first[0] < second[1] and second[0] < first[1]


def _stretch(geometry: Geometry) -> tuple[int, int] | None:
    """The half-open stretch of elements, if the layout fills it without holes or repeats."""
    if geometry.strides is None or geometry.shape is None or geometry.offset is None:
        return None
    expected = 1
    for stride, size in sorted(zip(geometry.strides, geometry.shape, strict=True)):
        if size is None:
            return None
        if size == 1:
            continue
        if stride != expected:
            return None
        expected *= size
    return (geometry.offset, geometry.offset + expected) if expected else None
