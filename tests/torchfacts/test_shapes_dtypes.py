"""Type promotion and broadcasting equal torch's."""

from __future__ import annotations

import itertools
import random

import pytest
import torch
from tests.torchfacts.geometries import geometry_of

from gradguard.torchfacts.shapes import UNKNOWN, UNKNOWN_INTEGER, broadcast, infer, literal_geometry, promote
from gradguard.torchfacts.shapes.dtypes import dtype_name, promote_types
from gradguard.torchfacts.shapes.values import Inconsistent

_DTYPES = (
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32,
    torch.float64, torch.complex32, torch.complex64, torch.complex128,
)  # fmt: skip
_NUMBERS = (True, 2, 2.5, 2j)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


@pytest.mark.parametrize("first", _DTYPES, ids=_name)
def test_every_pair_promotes_as_in_torch(first: torch.dtype) -> None:
    for second in _DTYPES:
        assert promote_types(_name(first), _name(second)) == _name(torch.promote_types(first, second)), (first, second)


def test_tensors_without_dimensions_and_numbers_count_less() -> None:
    for with_dimensions, without, number in itertools.product(_DTYPES, _DTYPES, _NUMBERS):
        one, two = torch.zeros(1, dtype=with_dimensions), torch.zeros((), dtype=without)
        assert promote([_name(with_dimensions)], (), [_name(without)]) == _name(torch.result_type(one, two))
        assert promote([_name(with_dimensions)], [number]) == _name(torch.result_type(one, number))
        assert promote([], [number], [_name(without)]) == _name(torch.result_type(two, number))


def test_three_kinds_of_operands_at_once() -> None:
    random_ = random.Random(0)
    for _ in range(300):
        condition = torch.tensor([True])
        one = torch.zeros(random_.choice([(), (1,)]), dtype=random_.choice(_DTYPES))
        two = random_.choice([torch.zeros(random_.choice([(), (1,)]), dtype=random_.choice(_DTYPES)), *_NUMBERS])
        found = infer(
            "where.self",
            {
                "condition": geometry_of(condition),
                "self": geometry_of(one),
                "other": geometry_of(two) if isinstance(two, torch.Tensor) else two,
            },
        )
        assert found is not None
        assert found[0].dtype == _name(torch.where(condition, one, two).dtype), (one, two)


def test_unknown_operands_of_promotion() -> None:
    assert promote(["float32", None]) is None
    assert promote(["float32"], [UNKNOWN]) == "float32"
    assert promote(["int64"], [UNKNOWN]) is None
    assert promote([], [UNKNOWN]) is None


def test_names_of_dtypes() -> None:
    for spelling in ("long", "half", "double", "float", "cfloat", "int", "short", "bfloat16", "bool"):
        dtype = getattr(torch, spelling)
        assert dtype_name(spelling) == dtype_name(f"torch.{spelling}") == dtype_name(dtype) == _name(dtype)
    for python_type in (bool, int, float, complex):
        assert dtype_name(python_type) == _name(torch.zeros(1, dtype=python_type).dtype)
    assert dtype_name("no such dtype") is None


def test_random_shapes_broadcast_as_in_torch() -> None:
    random_ = random.Random(0)
    refused = 0
    for _ in range(2000):
        shapes = [tuple(random_.choice([1, 1, 2, 3, 0]) for _ in range(random_.randint(0, 3))) for _ in range(3)]
        try:
            expected = tuple(torch.broadcast_shapes(*shapes))
        except RuntimeError:
            refused += 1
            with pytest.raises(Inconsistent):
                broadcast(shapes)
            continue
        assert broadcast(shapes) == expected, shapes
    assert 0 < refused < 2000


def test_unknown_sizes_in_broadcasting() -> None:
    assert broadcast([(None, 3), (5, 3)]) == (5, 3)
    assert broadcast([(None, 3), (1, 3)]) == (None, 3)
    assert broadcast([(None,), (None,)]) == (None,)
    assert broadcast([(2,), None]) is None


def test_literals_have_the_geometry_of_torch_tensor() -> None:
    for data in (1, 2.5, True, 2j, [], [1, 2], [1, 2.5], [[1], [2]], [True, 2], [[], []], [1, 2j], [[[1.0]], [[2.0]]]):
        assert literal_geometry(data) == geometry_of(torch.tensor(data)), data
    assert literal_geometry([UNKNOWN_INTEGER, 1]).dtype == "int64"
    assert literal_geometry([1, UNKNOWN]).dtype is None
    assert literal_geometry(UNKNOWN).shape is None
