"""Views and subscripts in random chains: shape, strides, offset and "is it a view" equal torch's."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
from tests.torchfacts.geometries import abstract, disagreement, geometry_of

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import (
    UNKNOWN,
    UNKNOWN_INTEGER,
    index_geometry,
    infer,
    is_contiguous,
    is_viewable,
    overlaps_itself,
    view_strides,
)

Step = tuple[str, dict[str, object], Callable[[torch.Tensor], object]]


def _shares_memory(one: torch.Tensor, two: torch.Tensor) -> bool:
    return one.untyped_storage().data_ptr() == two.untyped_storage().data_ptr()


def _factors(random_: random.Random, total: int) -> tuple[int, ...]:
    """A random shape with `total` elements."""
    shape: list[int] = []
    while total > 1 and len(shape) < 4:
        divisors = [size for size in range(1, total + 1) if total % size == 0]
        shape.append(random_.choice(divisors))
        total //= shape[-1]
    return (*shape, total) if total != 1 or random_.random() < 0.3 else tuple(shape)


def _step(random_: random.Random, x: torch.Tensor) -> Step:
    """A random view operator that suits `x`."""
    rank = x.dim()
    dim = random_.randrange(-rank, rank) if rank else 0
    other = random_.randrange(-rank, rank) if rank else 0
    size = x.shape[dim] if rank else 1
    order = tuple(random_.sample(range(rank), rank))
    start = random_.randint(-size - 1, size + 1)
    stop = random_.randint(-size - 1, size + 1)
    step = random_.randint(1, 3)
    shape = _factors(random_, x.numel()) if x.numel() else (0, 2)
    begin = random_.randint(0, size)
    length = random_.randint(0, size - begin)
    choices: list[Step] = [
        ("unsqueeze", {"dim": random_.randint(-rank - 1, rank)}, lambda t: t),
        ("squeeze", {}, lambda t: t),
        ("permute", {"dims": order}, lambda t: t.permute(order)),
        ("reshape", {"shape": shape}, lambda t: t.reshape(shape)),
        ("contiguous", {}, lambda t: t.contiguous()),
        ("clone", {}, lambda t: t.clone()),
        ("expand", {"size": (2, *x.shape)}, lambda t: t.expand(2, *t.shape)),
        ("flatten", {}, lambda t: t.flatten()),
        ("ravel", {}, lambda t: t.ravel()),
    ]
    position = choices[0][1]["dim"]
    choices[0] = ("unsqueeze", {"dim": position}, lambda t: t.unsqueeze(position))
    choices[1] = ("squeeze", {}, lambda t: t.squeeze())
    if rank:
        choices += [
            ("slice.Tensor", {"dim": dim, "start": start, "end": stop, "step": step},
             lambda t: torch.ops.aten.slice(t, dim, start, stop, step)),
            ("narrow", {"dim": dim, "start": begin, "length": length}, lambda t: t.narrow(dim, begin, length)),
            ("transpose.int", {"dim0": dim, "dim1": other}, lambda t: t.transpose(dim, other)),
            ("movedim.int", {"source": dim, "destination": other}, lambda t: t.movedim(dim, other)),
            ("squeeze.dim", {"dim": dim}, lambda t: t.squeeze(dim)),
            ("chunk", {"chunks": 2, "dim": dim}, lambda t: t.chunk(2, dim)),
            ("split.Tensor", {"split_size": 2, "dim": dim}, lambda t: t.split(2, dim)),
            ("tensor_split.sections", {"sections": 3, "dim": dim}, lambda t: t.tensor_split(3, dim)),
            ("tensor_split.indices", {"indices": (1, 3), "dim": dim}, lambda t: t.tensor_split((1, 3), dim)),
            ("unbind.int", {"dim": dim}, lambda t: t.unbind(dim)),
            ("unflatten.int", {"dim": dim, "sizes": (-1, 1)}, lambda t: t.unflatten(dim, (-1, 1))),
        ]  # fmt: skip
        if size:
            index = random_.randrange(-size, size)
            window = random_.randint(1, size)
            choices += [
                ("select.int", {"dim": dim, "index": index}, lambda t: t.select(dim, index)),
                ("unfold", {"dimension": dim, "size": window, "step": step}, lambda t: t.unfold(dim, window, step)),
            ]
        if dim % rank != other % rank:
            shift = random_.randint(-2, 2)
            choices.append(
                ("diagonal", {"offset": shift, "dim1": dim, "dim2": other}, lambda t: t.diagonal(shift, dim, other))
            )
    return random_.choice(choices)


@pytest.mark.parametrize("seed", range(5))
def test_random_chains_of_views(seed: int) -> None:
    random_ = random.Random(seed)
    for _ in range(250):
        x = torch.arange(24.0).reshape(random_.choice([(2, 3, 4), (24,), (4, 1, 6), (1, 2, 1, 12), (2, 2, 6)]))
        geometry = geometry_of(x)
        for _ in range(5):
            name, arguments, function = _step(random_, x)
            returned = function(x)
            results = returned if isinstance(returned, (tuple, list)) else (returned,)
            found = infer(name, {"self": geometry, **arguments})
            assert found is not None, (name, geometry, arguments)
            assert all(one.strides is not None and one.offset is not None for one in found), (name, geometry, arguments)
            problem = disagreement(found, tuple(geometry_of(one) for one in results))
            assert problem is None, (name, geometry, arguments, problem)
            if not results:
                break
            assert is_contiguous(found[0]) is results[0].is_contiguous()
            if results[0].dim() > 5:
                break
            x, geometry = results[0], found[0]


@pytest.mark.parametrize("seed", range(3))
def test_whether_a_view_is_possible(seed: int) -> None:
    random_ = random.Random(seed)
    outcomes: set[bool] = set()
    for _ in range(400):
        x = torch.arange(24.0).reshape(_factors(random_, 24))
        for _ in range(random_.randint(0, 3)):
            _, _, function = _step(random_, x)
            returned = function(x)
            pieces = returned if isinstance(returned, (tuple, list)) else [returned]
            if pieces:
                x = random_.choice(pieces)
        shape = _factors(random_, x.numel()) if x.numel() else (0, 3)
        geometry = geometry_of(x)
        try:
            strides = x.view(shape).stride()
        except RuntimeError:
            strides = None
        assert view_strides(geometry, shape) == strides, (geometry, shape)
        assert is_viewable(geometry, shape) is (strides is not None), (geometry, shape)
        outcomes.add(strides is not None)
    assert outcomes == {True, False}


def _index(random_: random.Random, x: torch.Tensor) -> object:
    """A random subscript that mixes everything torch accepts; it may not suit `x`."""
    items: list[object] = []
    for size in x.shape[: random_.randint(0, x.dim())]:
        length = max(size, 1)
        integer = random_.randrange(-length, length)
        mask = torch.tensor([random_.random() < 0.5 for _ in range(size)], dtype=torch.bool)
        items.append(
            random_.choice(
                [
                    integer,
                    np.int64(integer),
                    torch.tensor(integer),
                    slice(None),
                    slice(random_.randint(-3, 3), random_.randint(-3, 5), random_.randint(1, 2)),
                    [random_.randrange(length) for _ in range(random_.randint(1, 3))],
                    [[random_.randrange(length)], [0]],
                    torch.tensor([0, integer]),
                    torch.tensor([[0], [integer]]),
                    mask,
                    mask.tolist(),
                ]
            )
        )
    for extra in (None, Ellipsis, True, False):
        if random_.random() < 0.15:
            items.insert(random_.randint(0, len(items)), extra)
    return items[0] if len(items) == 1 and random_.random() < 0.5 else tuple(items)


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
@pytest.mark.parametrize("seed", range(5))
def test_random_subscripts(seed: int) -> None:
    random_ = random.Random(seed)
    kinds: set[bool] = set()
    for _ in range(400):
        x = torch.arange(24.0).reshape(random_.choice([(2, 3, 4), (24,), (4, 1, 6), (2, 2, 3, 2)]))
        if random_.random() < 0.4:
            x = x.transpose(0, -1)
        index = _index(random_, x)
        try:
            result = x[index]  # type: ignore[index]
        except (IndexError, RuntimeError, TypeError):
            continue
        found, is_view = index_geometry(geometry_of(x), abstract(index))
        assert is_view is _shares_memory(result, x), (x.shape, index)
        assert found.shape is not None, (x.shape, index)
        problem = disagreement((found,), (geometry_of(result),))
        assert problem is None, (x.shape, x.stride(), index, problem)
        if is_view:
            assert found.strides is not None
            # The number in an index tensor is not known.
            assert found.offset is not None or "tensor(" in repr(index)
        kinds.add(is_view)
    assert kinds == {True, False}


def test_subscripts_with_unknown_parts() -> None:
    x = geometry_of(torch.zeros(4, 5, 6))
    row, is_view = index_geometry(x, UNKNOWN_INTEGER)
    assert (row.shape, row.strides, row.offset, is_view) == ((5, 6), (6, 1), None, True)
    rows, is_view = index_geometry(x, slice(UNKNOWN_INTEGER, None))
    assert (rows.shape, rows.strides, rows.offset, is_view) == ((None, 5, 6), (30, 6, 1), None, True)
    anything, is_view = index_geometry(x, UNKNOWN)
    assert (anything.shape, is_view, anything.dtype) == (None, None, "float32")
    copied, is_view = index_geometry(x, (UNKNOWN, [0, 1]))
    assert (copied.shape, is_view) == (None, False)
    batch = Geometry((None, 5), (5, 1), 0)
    assert index_geometry(batch, (slice(None), 2))[0] == Geometry((None,), (5,), 2)
    assert index_geometry(batch, slice(0, 3))[0].shape == (None, 5)


def test_a_subscript_torch_refuses_tells_nothing_but_the_dtype() -> None:
    x = geometry_of(torch.zeros(4, 5))
    for index in (4, (0, 0, 0), slice(None, None, -1), (slice(None), 7)):
        with pytest.raises((IndexError, ValueError, TypeError)):
            torch.zeros(4, 5)[index]  # type: ignore[index]
        assert index_geometry(x, index)[0].shape is None


def test_overlap_is_a_stride_of_zero_and_no_more() -> None:
    """As torch checks before a write: overlaps of `unfold` and `as_strided` pass."""
    for x in (
        torch.zeros(3).expand(2, 3),
        torch.zeros(3, 1).expand(3, 4),
        torch.zeros(3).expand(1, 3),
        torch.zeros(1).expand(4, 0),
        torch.zeros(6).unfold(0, 3, 1),
        torch.zeros(6).as_strided((2, 3), (1, 1)),
        torch.zeros(6).as_strided((3, 2), (0, 1)),
        torch.zeros(2, 3).t(),
        torch.zeros(()),
    ):
        try:
            x.add_(1)
            refused = False
        except RuntimeError as error:
            refused = "more than one element" in str(error)
        assert overlaps_itself(geometry_of(x)) is refused, (x.shape, x.stride())
    assert overlaps_itself(Geometry((None, 3), (0, 1))) is None
    assert overlaps_itself(Geometry((2, 3), None)) is None
