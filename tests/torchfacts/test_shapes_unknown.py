"""Where something is not known, the rules say less, never something else."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from tests.torchfacts.geometries import disagreement
from tests.torchfacts.opinfo_calls import opinfo_calls

from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY, Geometry
from gradguard.torchfacts.shapes import UNKNOWN, UNKNOWN_INTEGER, infer, is_contiguous

pytestmark = pytest.mark.slow


def _erased(random_: random.Random, value: object) -> object:
    """`value` with some of what is known of it taken away."""
    if isinstance(value, Geometry):
        return _erased_geometry(random_, value)
    if isinstance(value, tuple):
        return tuple(_erased(random_, item) for item in value)
    if isinstance(value, list):
        return [_erased(random_, item) for item in value]
    if random_.random() > 0.15:
        return value
    return UNKNOWN_INTEGER if type(value) is int and random_.random() < 0.5 else UNKNOWN


def _erased_geometry(random_: random.Random, geometry: Geometry) -> Geometry:
    kind = random_.random()
    if kind < 0.1:
        return UNKNOWN_GEOMETRY
    if kind < 0.3 or geometry.shape is None:
        return geometry
    if kind < 0.4:
        return replace(geometry, dtype=None)
    if kind < 0.5:
        return replace(geometry, strides=None, contiguous=bool(is_contiguous(geometry)))
    sizes = tuple(size if random_.random() < 0.6 else None for size in geometry.shape)
    if kind < 0.8:
        return Geometry(sizes, None, geometry.offset, geometry.dtype, bool(is_contiguous(geometry)))
    return Geometry(sizes, geometry.strides, geometry.offset, geometry.dtype)


def _mentions_empty(value: object) -> bool:
    if isinstance(value, Geometry):
        return value.shape is not None and 0 in value.shape
    return isinstance(value, (tuple, list)) and any(_mentions_empty(item) for item in value)


def test_what_is_told_of_half_known_operands_is_true() -> None:
    random_ = random.Random(0)
    wrong: dict[str, str] = {}
    told = 0
    for name, arguments, results in opinfo_calls():
        # An unknown size is taken not to be 0.
        if any(_mentions_empty(value) for value in [*arguments.values(), results]):
            continue
        for _ in range(2):
            erased = {key: _erased(random_, value) for key, value in arguments.items()}
            found = infer(name, erased)
            if found is not None:
                told += any(one.shape is not None for one in found)
                problem = disagreement(found, results, exact=False)
                if problem is not None:
                    wrong.setdefault(name, f"{name}{erased}: {problem}")
    assert not wrong, "\n".join(wrong.values())
    assert told > 10_000
