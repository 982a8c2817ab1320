"""Python subscripts: `x[...]` with integers, slices, None, Ellipsis, lists, masks and index tensors.

Source: `ATen/TensorIndexing.h`, `torch/csrc/autograd/python_variable_indexing.cpp` and `ATen/native/IndexingUtils.h` of torch 2.13.
"""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.layout import fresh, is_plain, unlaid
from gradguard.torchfacts.shapes.values import (
    UNKNOWN,
    UNKNOWN_INTEGER,
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    Unknown,
    shape_of,
    subject,
)
from gradguard.torchfacts.shapes.views import select, slice_, unsqueeze

_MASK_DTYPES = ("bool", "uint8")


def index_geometry(geometry: Geometry, index: object) -> tuple[Geometry, bool | None]:
    """The geometry of `x[index]` and whether it is a view of `x` (basic indexing) or a copy; None if that is unknown.

    `index` is the Python subscript with index tensors given as `Geometry` and unknown values as UNKNOWN or UNKNOWN_INTEGER. Where
    nothing more is known, or torch would refuse the subscript, only the dtype of the result is given.
    """
    items = _items(index)
    is_view = _is_view(items)
    vague = Geometry(None, None, None if is_view is not False else 0, geometry.dtype)
    if is_view is None:
        return vague, None
    try:
        return _apply(geometry, items), is_view
    except (Undetermined, Inconsistent):
        return vague, is_view


def _items(index: object) -> tuple[object, ...]:
    """The parts of the subscript. A short list that holds more than numbers is still taken for a tuple, as NumPy once did."""
    if isinstance(index, tuple):
        return index
    if isinstance(index, list) and len(index) < 32:
        if any(item is None or item is Ellipsis or isinstance(item, (list, tuple, slice, Geometry)) for item in index):
            return tuple(index)
    return (index,)


def _is_view(items: tuple[object, ...]) -> bool | None:
    unsure = False
    for item in items:
        if item is None or item is Ellipsis or item is UNKNOWN_INTEGER or isinstance(item, slice):
            continue
        if isinstance(item, Unknown):
            unsure = True
        elif isinstance(item, Geometry):
            if item.shape is None or item.dtype is None:
                unsure = True
            elif item.shape or item.dtype in _MASK_DTYPES:
                return False
        elif isinstance(item, list) and any(isinstance(entry, Unknown) for entry in item):
            # Only if they are all numbers is it an index; else the list may stand for a tuple.
            if UNKNOWN not in item:
                return False
            unsure = True
        elif not _is_integer(item):
            return False
    return None if unsure else True


def _is_integer(item: object) -> bool:
    """An integer of Python or numpy; bool is none here: torch takes it for a mask."""
    return type(item) is int or (hasattr(item, "__index__") and not isinstance(item, bool))


def _consumed(item: object) -> int:
    """How many dimensions of the tensor the item stands for."""
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    if isinstance(item, Geometry) and item.dtype in _MASK_DTYPES:
        return len(shape_of(item))
    return 1


def _apply(geometry: Geometry, items: tuple[object, ...]) -> Geometry:
    shape_of(geometry)
    own = geometry
    advanced: dict[int, Geometry] = {}
    used = sum(_consumed(item) for item in items)
    seen_ellipsis = False
    place = 0
    for item in items:
        if item is None:
            own = unsqueeze(own, place)
            place += 1
        elif item is Ellipsis:
            if not seen_ellipsis:
                place += len(shape_of(geometry)) - used
            seen_ellipsis = True
        elif isinstance(item, slice):
            own = slice_(own, place, item.start, item.stop, item.step)
            place += 1
        elif item is UNKNOWN_INTEGER or _is_integer(item):
            own = select(own, place, item) if shape_of(own)[place:] else _refuse()
        elif isinstance(item, bool):
            own = unsqueeze(own, place)
            advanced[place] = fresh((int(item),), "int64")
            place += 1
        else:
            tensor = item if isinstance(item, Geometry) else literal_index(item)
            if tensor.shape == () and tensor.dtype is not None and tensor.dtype not in _MASK_DTYPES:
                own = select(own, place, tensor)
                continue
            if tensor.shape == ():
                own = unsqueeze(own, place)
                advanced[place] = fresh((None,), "int64")
                place += 1
                continue
            advanced[place] = tensor
            place += len(shape_of(tensor)) if tensor.dtype in _MASK_DTYPES else 1
        if place > len(shape_of(own)):
            raise Inconsistent
    return gathered(own, advanced) if advanced else own


def _refuse() -> Geometry:
    raise Inconsistent


def literal_index(item: object) -> Geometry:
    """A list (of lists) of integers as an index tensor; a list of truth values as the positions of those that are True."""
    if not isinstance(item, (list, tuple)):
        raise Undetermined
    if any(isinstance(entry, (Unknown, Geometry, list, tuple)) for entry in item):
        return _nested_index(item)
    if item and all(isinstance(entry, bool) for entry in item):
        # As positions it has one size, known from the literal.
        return fresh((sum(map(bool, item)),), "int64")
    if not all(_is_integer(entry) or isinstance(entry, bool) for entry in item):
        raise Undetermined
    return fresh((len(item),), "int64")


def _nested_index(item: list[object] | tuple[object, ...]) -> Geometry:
    if any(entry is not UNKNOWN_INTEGER and not _is_integer(entry) for entry in item):
        inner = [literal_index(entry) for entry in item]
        if any(entry.dtype == "bool" or entry.shape != inner[0].shape for entry in inner):
            raise Undetermined
        return fresh((len(item), *shape_of(inner[0])), "int64")
    return fresh((len(item),), "int64")


def gathered(own: Geometry, indices: dict[int, Geometry]) -> Geometry:
    """`own` indexed by tensors, which stand at the given dimensions (a mask stands for as many as it has)."""
    shape = shape_of(own)
    expanded: dict[int, Shape] = {}
    for place, index in indices.items():
        index_shape = shape_of(index)
        if index.dtype in _MASK_DTYPES:
            for sizes in zip(index_shape, shape[place : place + len(index_shape)], strict=True):
                if None not in sizes and sizes[0] != sizes[1]:
                    raise Inconsistent
            for extra in range(len(index_shape)):
                expanded[place + extra] = (None,)
        else:
            expanded[place] = index_shape
    if not expanded or max(expanded) >= len(shape):
        raise Inconsistent
    common = broadcast(expanded.values())
    if common is None:
        raise Undetermined
    places = sorted(expanded)
    rest = [size for place, size in enumerate(shape) if place not in expanded]
    adjacent = places[-1] - places[0] + 1 == len(places)
    front = places[0] if adjacent else 0
    new_shape = (*rest[:front], *common, *rest[front:])
    if 0 not in new_shape and is_plain(own) and all(is_plain(index) for index in indices.values()):
        return fresh(new_shape, own.dtype)
    return unlaid(new_shape, own.dtype)


def _getitem(arguments: Arguments) -> Results:
    for name in ("index", "indices", "key"):
        if name in arguments:
            return (index_geometry(subject(arguments), arguments[name])[0],)
    raise Undetermined


RULES: Final[dict[str, Rule]] = {"getitem": _getitem}
