"""Broadcasting of shapes, with unknown sizes."""

from __future__ import annotations

from collections.abc import Iterable

from gradguard.torchfacts.geometry import Shape
from gradguard.torchfacts.shapes.values import Inconsistent


def broadcast(shapes: Iterable[Shape | None]) -> Shape | None:
    """The common shape; None if the rank of one is unknown.

    An unknown size against a known one other than 1 is that one (anything else torch refuses); two unknown ones, or an
    unknown one against 1, stay unknown. Raises `Inconsistent` if the shapes do not fit.
    """
    result: Shape | None = ()
    for shape in shapes:
        if shape is None:
            return None
        if result == shape or not shape:
            continue
        if not result:
            result = shape
            continue
        result = _pair(result, shape)
    return result


def _pair(first: Shape, second: Shape) -> Shape:
    if len(first) < len(second):
        first, second = second, first
    missing = len(first) - len(second)
    sizes = list(first)
    for place, two in enumerate(second, missing):
        one = sizes[place]
        if one == 1:
            sizes[place] = two
        elif one is None:
            sizes[place] = None if two == 1 else two
        elif two is not None and two != 1 and two != one:
            raise Inconsistent
    return tuple(sizes)
