"""Overlap between tensors, `out=` and `inplace=`: what the rules say of memory is what torch does."""

from __future__ import annotations

import random

import torch
from tests.torchfacts.geometries import geometry_of

from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY, Geometry
from gradguard.torchfacts.shapes import (
    UNKNOWN,
    contiguous_strides,
    infer,
    is_contiguous,
    is_viewable,
    partially_overlap,
)


def _piece(random_: random.Random, storage: torch.Tensor) -> torch.Tensor:
    """A tensor of shape (2, 3) somewhere in the storage, laid out in one of several ways."""
    start = random_.randint(0, storage.numel() - 24)
    strides = random_.choice([(3, 1), (1, 2), (3, 1), (6, 2), (4, 1), (12, 1)])
    return storage.as_strided((2, 3), strides, start)


def test_partial_overlap_is_what_torch_refuses() -> None:
    random_ = random.Random(0)
    verdicts: set[bool] = set()
    for _ in range(1500):
        storage = torch.zeros(40)
        one, two = _piece(random_, storage), _piece(random_, storage)
        try:
            one.add_(two)
            refused = False
        except RuntimeError as error:
            assert "single memory location" in str(error)
            refused = True
        assert partially_overlap(geometry_of(one), geometry_of(two)) is refused, (geometry_of(one), geometry_of(two))
        verdicts.add(refused)
    assert verdicts == {True, False}


def test_overlap_of_tensors_half_known() -> None:
    known = Geometry((3,), (1,), 0)
    assert partially_overlap(known, Geometry((3,), (1,), None)) is None
    assert partially_overlap(known, UNKNOWN_GEOMETRY) is None
    assert partially_overlap(known, Geometry((0,), (1,), None)) is False


def test_contiguity_survives_unknown_sizes() -> None:
    """A batch of unknown size through a small network: every `view` of what torch makes contiguous is known to be one."""
    images = Geometry((None, 3, None, None), None, 0, "float32", contiguous=True)
    weight = Geometry((8, 3, 3, 3), contiguous_strides((8, 3, 3, 3)))
    (features,) = infer("conv2d", {"input": images, "weight": weight, "padding": 1}) or ()
    (active,) = infer("relu", {"self": features}) or ()
    (doubled,) = infer("add.Tensor", {"self": active, "other": features}) or ()
    assert doubled.shape == (None, 8, None, None)
    assert is_contiguous(doubled) is True
    (pooled,) = infer("avg_pool2d", {"self": doubled, "kernel_size": UNKNOWN}) or ()
    assert (pooled.shape, is_contiguous(pooled)) == ((None, 8, None, None), True)
    (flat,) = infer("flatten.using_ints", {"self": doubled, "start_dim": 2}) or ()
    assert (flat.shape, is_contiguous(flat)) == ((None, 8, None), True)
    (turned,) = infer("transpose.int", {"self": flat, "dim0": 1, "dim1": 2}) or ()
    assert is_contiguous(turned) is None
    assert is_viewable(turned, (None, None)) is None
    (copied,) = infer("contiguous", {"self": turned}) or ()
    assert is_contiguous(copied) is True


def test_an_operator_told_to_work_in_place_returns_its_operand() -> None:
    x = torch.zeros(4, 6)[1:, ::2]
    assert infer("torch.nn.functional.relu", {"input": geometry_of(x), "inplace": True}) == (
        geometry_of(torch.nn.functional.relu(x, inplace=True)),
    )
    (either,) = infer("torch.nn.functional.relu", {"input": geometry_of(x), "inplace": UNKNOWN}) or ()
    assert (either.shape, either.strides, either.offset, either.dtype) == ((3, 3), None, None, "float32")


def test_out_gives_layout_and_dtype() -> None:
    x, out = torch.zeros(2, 3), torch.zeros(3, 2, dtype=torch.float64).t()
    assert infer("add.out", {"self": geometry_of(x), "other": geometry_of(x), "out": geometry_of(out)}) == (
        geometry_of(torch.add(x, x, out=out)),
    )
    short = torch.zeros(0)
    (resized,) = infer("add.out", {"self": geometry_of(x), "other": geometry_of(x), "out": geometry_of(short)}) or ()
    assert (resized.shape, resized.strides, resized.offset) == ((2, 3), None, None)


def test_bad_input_is_told_nothing_about() -> None:
    random_ = random.Random(0)
    values = (
        UNKNOWN,
        None,
        "x",
        1.5,
        -7,
        (),
        (1, "y"),
        object(),
        [None],
        {},
        geometry_of(torch.zeros(2, 3)),
        b"",
        slice(3),
    )
    names = (
        "self",
        "input",
        "other",
        "dim",
        "size",
        "weight",
        "tensors",
        "equation",
        "indices",
        "index",
        "kernel_size",
        "dtype",
    )
    for operator in (
        "add.Tensor",
        "cat",
        "view",
        "einsum",
        "conv2d",
        "index.Tensor",
        "sum.dim_IntList",
        "fft_fft",
        "to.dtype",
        "lstm",
    ):
        for _ in range(300):
            infer(operator, {name: random_.choice(values) for name in random_.sample(names, 4)})
    assert infer("no_such_operator", {}) is None
    assert infer("add.Tensor", {}) is None
    assert infer("mm", {"self": Geometry((2, 3)), "mat2": Geometry((4, 5))}) is None
