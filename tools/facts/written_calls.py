"""Calls that torch's test-input database lacks, or gives in another argument order than the public function takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import torch

# Positional and keyword arguments of calls of one function.
Inputs = list[tuple[tuple[Any, ...], dict[str, Any]]]
Named = Iterator[tuple[str, Inputs]]

_F = "torch.nn.functional."


def floats(*shape: int) -> torch.Tensor:
    """Numbers between 0.25 and 1.25, the same at each call."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(sum(shape))) + 0.25


def integers(*shape: int, top: int = 3) -> torch.Tensor:
    """Integers from 0 to `top` - 1, the same at each call."""
    return torch.randint(0, top, shape, generator=torch.Generator().manual_seed(sum(shape)))


def scattered(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers with the last two dimensions, if there are two, stored the other way round."""
    return tensor.transpose(-1, -2).contiguous().transpose(-1, -2) if tensor.dim() >= 2 else tensor


def written_calls() -> Named:
    """Public names with the arguments of calls of them."""
    return itertools.chain(
        _embeddings(),
        _embedding_bags(),
        _selections(),
        _normalisations(),
        _pools(),
        _dropouts(),
        _activations(),
        _losses(),
        _norms(),
        _attention(),
        _products(),
        _linear(),
        _several_tensors(),
        _spectra(),
        _conversions(),
        _images(),
        _recurrent(),
    )


def _plain(*calls: tuple[Any, ...]) -> Inputs:
    return [(args, {}) for args in calls]


def _embeddings() -> Named:
    table = floats(4, 5)
    yield (
        _F + "embedding",
        [
            ((integers(2, 3), table), {}),
            ((integers(4), table), {"padding_idx": 1}),
            ((integers(4), table), {"scale_grad_by_freq": True}),
            ((integers(4), table), {"max_norm": 0.1}),
            ((integers(2, 3), table), {"max_norm": 0.1, "norm_type": 1.0}),
        ],
    )
    yield "torch.embedding", [((table, integers(2, 3)), {}), ((table, integers(3)), {"padding_idx": 1})]
    yield (
        _F + "embedding_bag",
        [
            ((integers(2, 3), table), {}),
            ((integers(3, 3), table), {"mode": "sum"}),
            ((integers(3, 3), table), {"mode": "max"}),
            ((integers(6), table, torch.tensor([0, 3])), {"mode": "mean"}),
            ((integers(6), table, torch.tensor([0, 2])), {"mode": "sum", "per_sample_weights": floats(6)}),
            ((integers(2, 3), table), {"mode": "sum", "per_sample_weights": floats(2, 3)}),
            ((integers(2, 3), table), {"max_norm": 0.1}),
            ((integers(3, 3), table), {"max_norm": 0.1, "mode": "sum"}),
        ],
    )


def _embedding_bags() -> Named:
    """As `torch.nn.functional.embedding_bag` calls it."""
    table, indices, offsets = floats(4, 5), integers(6), torch.tensor([0, 2])
    calls = [(table, indices, offsets, scale, mode) for mode in (0, 1, 2) for scale in (False, True)]
    weighted = ((table, indices, offsets, False, 0, False, floats(6), last) for last in (False, True))
    yield "torch.embedding_bag", _plain(*calls, *weighted, (table, indices, offsets, False, 1, False, None, False, 1))


def _selections() -> Named:
    mask = integers(3, 4, top=2).bool()
    x, row = floats(3, 4), floats(4)
    yield (
        "torch.where",
        _plain((mask, x, x), (mask, floats(3, 1), row), (mask, 0.0, x), (mask, 1.0, row), (mask, x, 0.0))
        + _plain((mask, row, 1), (mask, 1.0, 0.0), (mask,)),
    )
    yield "Tensor.where", _plain((x, mask, x), (x, mask, row), (x, mask, 0.0), (row, mask, 0.0))
    clipped: Inputs = [
        ((x, 0.4), {}),
        ((row, 0.3, 0.6), {}),
        ((x,), {"max": 0.5}),
        ((x, x, x + 0.1), {}),
        ((x,), {"min": x}),
    ]
    for name in ("torch.clip", "Tensor.clip", "Tensor.clip_", "torch.clip_"):
        yield name, clipped
    yield "Tensor.fill_diagonal_", [((floats(3, 3), 0.0), {}), ((floats(4, 4), 1), {"wrap": True})]


def _normalisations() -> Named:
    affines: tuple[dict[str, Any], ...] = (
        {},
        {"weight": floats(4), "bias": floats(4)},
        {"weight": floats(4)},
    )
    x = floats(3, 4, 5)
    batch: Inputs = [((x, floats(4), floats(4) + 1), {"training": t, **a}) for t in (True, False) for a in affines]
    batch += [((floats(3, 4), floats(4), floats(4)), {}), ((x, None, None), {"training": True})]
    batch += [((floats(2, 4, 5, 5), None, None), {"training": True, "weight": floats(4), "bias": floats(4)})]
    yield _F + "batch_norm", batch
    instance: Inputs = [((x,), {}), ((floats(3, 4, 5, 5),), {"weight": floats(4), "bias": floats(4)})]
    instance += [((x, floats(4), floats(4)), {"use_input_stats": s, **a}) for s in (True, False) for a in affines]
    yield _F + "instance_norm", instance
    for weights in ((None, None), (floats(4), floats(4))):
        for statistics, flag in (((floats(4), floats(4)), True), ((floats(4), floats(4)), False), ((None, None), True)):
            given = (*weights, *statistics, flag, 0.1, 1e-5, True)
            for name in ("batch_norm", "instance_norm"):
                yield f"torch.{name}", _plain((x, *given), (floats(2, 4, 5, 5), *given))


def _pools() -> Named:
    for count in (1, 2, 3):
        image = floats(2, 3, *([8] * count))
        pools: Inputs = [*_plain((image, 2), (image, 3, 1), (image, 2, 2, 1)), ((image, 2), {"ceil_mode": True})]
        yield f"{_F}max_pool{count}d", pools
        yield f"{_F}max_pool{count}d_with_indices", pools
        yield f"torch.max_pool{count}d", pools
        yield f"{_F}lp_pool{count}d", _plain((image, 2, 2), (image, 3.0, 2, 1))
        for kind in ("avg", "max"):
            adaptive = _plain(*((image, size) for size in (1, 2, 3, (4,) * count, (1,) * count)))
            yield f"{_F}adaptive_{kind}_pool{count}d", adaptive
            yield f"torch.adaptive_{kind}_pool{count}d", adaptive
        yield f"{_F}adaptive_max_pool{count}d_with_indices", _plain(*((image, size) for size in (1, 2, (4,) * count)))
        if count > 1:
            fractions: Inputs = [((image, 2), {"output_size": 3}), ((image, 3), {"output_ratio": 0.5})]
            yield f"{_F}fractional_max_pool{count}d_with_indices", fractions


def _dropouts() -> Named:
    x, y = floats(3, 4), floats(2, 3, 4)
    for name in ("dropout", "alpha_dropout", "feature_alpha_dropout"):
        yield (
            _F + name,
            [((x,), {}), ((y,), {}), ((x, 0.3), {}), ((y,), {"p": 0.7}), ((x, 0.0), {}), ((y,), {"p": 0.0})],
        )
    for name in ("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout"):
        given = _plain(*((floats(3, 4, 5), p, train) for p in (0.5, 0.2, 0.0) for train in (True, False)))
        yield f"torch.{name}", given
        yield f"torch.{name}_", given


def _activations() -> Named:
    for name in "relu relu6 elu selu celu leaky_relu hardtanh hardswish hardsigmoid silu mish rrelu".split():
        yield _F + name, _plain((floats(3, 4),), (floats(4) - 0.5,))
    yield _F + "threshold", _plain((floats(3, 4), 0.1, 20.0), (floats(4), 0.2, 1.0))
    x = floats(3, 4)
    yield _F + "gumbel_softmax", [((x,), {}), ((x,), {"hard": True}), ((x,), {"tau": 0.5})]
    for name in ("torch.polygamma", "torch.special.polygamma"):
        yield name, _plain((1, floats(3)), (2, x))
    yield "Tensor.polygamma_", _plain((floats(3), 1), (x, 2))


def _losses() -> Named:
    logits, classes, images = floats(5, 3), integers(5), floats(2, 3, 4)
    yield (
        _F + "cross_entropy",
        [
            *_plain((logits, classes), (images, integers(2, 4)), (logits, floats(5, 3)), (images, images)),
            *(
                ((logits, classes), options)
                for options in (
                    {"weight": floats(3)},
                    {"label_smoothing": 0.1},
                    {"reduction": "sum"},
                    {"ignore_index": 1},
                )
            ),
        ],
    )
    log_probs = floats(6, 2, 4).log_softmax(-1)
    sequences = (log_probs, integers(2, 3) + 1)
    lengths = (torch.tensor([6, 6]), torch.tensor([3, 2]))
    for sizes in (lengths, ([6, 6], [3, 2])):
        options = ((0, reduction, infinite) for reduction in (0, 1, 2) for infinite in (False, True))
        yield "torch.ctc_loss", _plain(*((*sequences, *sizes, *option) for option in options))
    sides = (floats(3, 4), floats(3, 4) * 0.5, torch.tensor([1, -1, 1]))
    yield "torch.cosine_embedding_loss", _plain(sides, *((*sides, 0.2, reduction) for reduction in (0, 1, 2)))
    pairs = ((floats(3, 4), floats(3, 4) + 0.1), (floats(5), floats(5) - 0.1))
    for name in "mse_loss l1_loss smooth_l1_loss huber_loss soft_margin_loss kl_div poisson_nll_loss".split():
        yield _F + name, [*_plain(*pairs), *((pair, {"reduction": r}) for pair in pairs for r in ("mean", "sum"))]


def _norms() -> Named:
    x = floats(3, 4)
    for name in ("torch.norm", "Tensor.norm", "torch.linalg.norm"):
        plain: Inputs = [((x,), {}), ((floats(5),), {}), ((floats(2, 3, 4),), {"dim": 1}), ((x,), {"dim": (0, 1)})]
        yield name, plain + [((*args, order), options) for args, options in plain[:3] for order in (1, 2)]


def _attention() -> Named:
    calls: Inputs = []
    for heads in ((2, 4, 5, 8), (4, 5, 8)):
        operands = (floats(*heads), floats(*heads) * 0.9, floats(*heads) * 1.1)
        mask = integers(5, 5, top=2).bool() | torch.eye(5, dtype=torch.bool)
        calls += [
            (operands, options)
            for options in (
                {},
                {"is_causal": True},
                {"dropout_p": 0.1},
                {"attn_mask": mask},
                {"attn_mask": floats(5, 5)},
            )
        ]
        calls.append(((operands[0] * 2, *operands[1:]), {}))
    yield _F + "scaled_dot_product_attention", calls


def _products() -> Named:
    lefts = ((4,), (3, 4), (6, 4), (1, 3, 4), (2, 3, 4), (1, 2, 3, 4), (2, 2, 3, 4))
    rights = ((4,), (4, 5), (1, 4, 5), (2, 4, 5), (2, 2, 4, 5))
    pairs = [(floats(*left), floats(*right)) for left in lefts for right in rights] + _broadcast_batches()
    products = _plain(*(pair for a, b in pairs for pair in ((a, b), (scattered(a), b), (a, scattered(b)))))
    for name in ("torch.matmul", "Tensor.matmul", "Tensor.__matmul__", "torch.linalg.matmul"):
        yield name, products + [((a * 2, b), {}) for a, b in pairs]
    square = floats(3, 4)
    yield (
        "torch.einsum",
        _plain(
            ("ij,jk->ik", square, floats(4, 5)),
            ("bij,bjk->bik", floats(2, 3, 4), floats(2, 4, 5)),
            ("i,i->", floats(4), floats(4)),
            ("ij->ji", square),
            ("ij->i", square),
            ("ii->i", floats(3, 3)),
            ("bhid,bhjd->bhij", floats(2, 2, 3, 4), floats(2, 2, 5, 4)),
            ("ij,jk,kl->il", square, floats(4, 5), floats(5, 2)),
        ),
    )
    yield (
        "torch.tensordot",
        [
            ((square, floats(4, 5), 1), {}),
            ((floats(2, 3, 4), floats(3, 4, 5)), {"dims": 2}),
            ((square, floats(3, 5)), {"dims": ([0], [0])}),
        ],
    )
    chain = [square, floats(4, 5), floats(5, 2)]
    yield "torch.chain_matmul", _plain(tuple(chain[:2]), tuple(chain))
    yield "torch.linalg.multi_dot", _plain((chain[:2],), (chain,))
    bilinear = (floats(3, 4), floats(3, 5), floats(6, 4, 5))
    yield "torch.bilinear", _plain(bilinear, (*bilinear, floats(6)))


def _broadcast_batches() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Batches to multiply, of which one, the other or each has a size of one where the other has not, or both have."""
    batches = (
        ((1,), (2,)),
        ((1,), (1,)),
        ((2, 1), (2, 3)),
        ((1, 3), (2, 3)),
        ((2, 1), (1, 3)),
        ((1, 3), (1, 3)),
        ((2, 1), (2, 1)),
        ((1, 1), (1, 1)),
        ((1, 1), (2, 3)),
        ((2, 3), (3,)),
        ((2, 3), (1,)),
        ((1, 3), (3,)),
        ((3,), (2, 1)),
        ((2, 2, 3), (2, 2, 3)),
        ((1, 2, 3), (2, 2, 3)),
        ((2, 2, 3), (2, 3)),
        ((2, 2, 3), ()),
    )
    pairs = [pair for left, right in batches for pair in ((left, right), (right, left))]
    return [(floats(*left, 3, 4), floats(*right, 4, 5)) for left, right in dict.fromkeys(pairs)]


def _linear() -> Named:
    weight, bias = floats(5, 4), floats(5)
    inputs = [floats(*shape) for shape in ((4,), (3, 4), (2, 3, 4), (2, 2, 3, 4), (1, 3, 4))]
    inputs += [floats(*shape).transpose(-1, -2) for shape in ((4, 3), (2, 4, 3), (2, 2, 4, 3))]
    inputs += [floats(3, 2, 4).transpose(0, 1), floats(3, 2, 2, 4).transpose(0, 2), floats(2, 3, 2, 4).transpose(0, 1)]
    calls = _plain(*((x, weight) for x in inputs), *((x, weight, bias) for x in inputs))
    yield _F + "linear", [*calls, *_plain((inputs[2], floats(4)), (inputs[2], floats(4, 5).T, bias))]


def _several_tensors() -> Named:
    vectors = _plain((floats(3), floats(4)), (floats(2), floats(3), floats(4)))
    yield "torch.meshgrid", vectors + [(args, {"indexing": order}) for args, _ in vectors for order in ("ij", "xy")]
    yield "torch.cartesian_prod", vectors
    yield "torch.block_diag", [*vectors, ((floats(2, 3), floats(4, 5)), {})]
    yield "torch.broadcast_tensors", _plain((floats(3, 1), floats(1, 4)), (floats(3, 4), floats(4)))
    for name in ("torch.atleast_1d", "torch.atleast_2d", "torch.atleast_3d"):
        yield name, _plain(*((floats(*shape),) for shape in ((), (3,), (3, 4), (2, 3, 4))))


def _spectra() -> Named:
    for name in ("torch.stft", "Tensor.stft"):
        windows = (None, torch.hann_window(8))
        yield name, [((floats(40), 8), {"return_complex": True, "window": window}) for window in windows]
    for name in ("torch.pca_lowrank", "torch.svd_lowrank"):
        yield name, [((floats(6, 5),), {"q": 3}), ((floats(5, 4),), {"q": 2})]


def _conversions() -> Named:
    x = floats(3)
    yield "Tensor.float_power_", _plain((x.double(), 2.0), (x.double(), x.double()))
    yield "Tensor.type_as", _plain((x, floats(2)), (x, floats(2).double()), (floats(3, 4), integers(2)))
    yield "Tensor.cpu", _plain((x,), (floats(3, 4),))
    to = _plain((x, torch.float32), (x, torch.float64), (x, "cpu"), (x, floats(2)), (x, "cpu", torch.float64))
    yield "Tensor.to", [*to, ((x,), {"dtype": torch.float32})]
    for name in ("Tensor.T", "Tensor.H", "Tensor.mT", "Tensor.mH", "torch.adjoint"):
        yield name, _plain((floats(3, 4),), (floats(2, 2),))
    numbers = _plain((torch.complex(floats(3, 4), floats(3, 4)),), (torch.complex(x, x),))
    for name in ("torch.real", "Tensor.real"):
        yield name, numbers + _plain((floats(3, 4),), (x,))
    for name in ("torch.imag", "Tensor.imag"):
        yield name, numbers


def _images() -> Named:
    for count in (2, 3):
        image, grid = floats(2, 3, *([4] * count)), floats(2, *([5] * count), count) - 0.7
        sampled = _plain(*((image, grid, mode, padding, False) for mode in (0, 1) for padding in (0, 1, 2)))
        yield "torch.grid_sampler", sampled
        yield f"torch.grid_sampler_{count}d", sampled
    yield _F + "affine_grid", _plain((floats(2, 2, 3), (2, 3, 4, 4)), (floats(2, 3, 4), (2, 3, 4, 4, 4)))
    yield _F + "fold", [((floats(2, 12, 9), (4, 4), 2), {}), ((floats(12, 9), (4, 4)), {"kernel_size": (2, 2)})]
    yield _F + "upsample", [((floats(2, 3, 4, 4),), {"scale_factor": 2}), ((floats(2, 3, 4),), {"size": 6})]


def _recurrent() -> Named:
    x, h = floats(5, 2, 3), floats(1, 2, 4)
    for name, gates, states in (("lstm", 4, (h, h * 0.5)), ("gru", 3, h), ("rnn_tanh", 1, h), ("rnn_relu", 1, h)):
        weights = [floats(4 * gates, 3), floats(4 * gates, 4), floats(4 * gates), floats(4 * gates)]
        flags = (True, 1, 0.0, True, False)
        packed = (floats(9, 3), torch.tensor([2, 2, 2, 2, 1]))
        yield (
            f"torch.{name}",
            _plain(*((x * f, states, weights, *flags, False) for f in (1, 2)))
            + _plain(*((packed[0] * f, packed[1], states, weights, *flags) for f in (1, 2))),
        )
        before = (floats(2, 4), floats(2, 4)) if name == "lstm" else floats(2, 4)
        yield f"torch.{name}_cell", _plain(*((floats(2, 3) * f, before, *weights) for f in (1, 2)))
