"""Writes that no counter saw, found when backward reads what they spoiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape.hazards import SilentlyOverwritten

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradguard.tape.hazards import Event
    from gradguard.tape.node import Node, SavedTensor
    from gradguard.tape.tensor import Tensor
    from gradguard.torchfacts.geometry import Geometry


def silent_write(saved: SavedTensor, backward: Event, needed: Collection[Node] | None) -> SilentlyOverwritten | None:
    """The first write that surely changed the saved values although the version stands; None if there is none.

    `needed`: the nodes this backward runs, if not all; a value that only another gradient reads does no harm.
    """
    tensor = saved.tensor
    moved = not saved.is_result and tensor.storage is not saved.storage
    if saved.storage.content == saved.content and not moved:
        return None
    if needed is not None and saved.guard and not any(edge in needed for edge in saved.guard):
        return None
    if all(edge is None for edge in saved.node.edges):
        return None
    for content, entry in saved.storage.log:
        if entry.bypass == "data_assignment":
            hit = moved and entry.tensor is tensor and content >= saved.content
        else:
            hit = not moved and content > saved.content and surely_overlap(entry.tensor, saved)
        if hit:
            return SilentlyOverwritten(saved.as_save(), entry.write, backward)
    return None


def surely_overlap(written: Tensor, saved: SavedTensor) -> bool:
    """Whether a write to `written` surely reached the saved tensor: one was taken from the other, or their layouts meet."""
    if written.uncertain:
        return False
    if _taken_from(written, saved.tensor) or _taken_from(saved.tensor, written):
        return True
    return _layouts_meet(written.geometry, saved.tensor.geometry)


def _taken_from(tensor: Tensor | None, source: Tensor) -> bool:
    while tensor is not None:
        if tensor is source:
            return True
        tensor = tensor.parent
    return False


def _layouts_meet(first: Geometry, second: Geometry) -> bool:
    """Whether two layouts of one memory share an element; False if that is not known. Big layouts are compared by their ends."""
    one, other = _elements(first), _elements(second)
    if one is None or other is None:
        return False
    return not one.isdisjoint(other)


def _elements(geometry: Geometry, limit: int = 4096) -> set[int] | None:
    """The memory locations a layout touches, None if unknown or too many to list."""
    if geometry.shape is None or geometry.strides is None or geometry.offset is None:
        return None
    numel = geometry.numel
    if numel is None or numel > limit:
        return None
    places = {geometry.offset}
    for size, stride in zip(geometry.shape, geometry.strides, strict=True):
        if not size:
            return set()
        places = {place + step * stride for place in places for step in range(size)}
    return places
