"""Operands that are not contiguous: what the rules tell of the results' strides is so, for the functions of deep learning."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 as everybody writes it
from tests.torchfacts.geometries import RecordedCalls, RecordedFunctions, disagreement

from gradguard.torchfacts.shapes import infer

_OPERANDS: dict[str, Callable[[], torch.Tensor]] = {
    "contiguous": lambda: torch.rand(2, 4, 5, 3),
    "permuted": lambda: torch.rand(5, 4, 3, 2).permute(3, 1, 0, 2),
    "transposed": lambda: torch.rand(2, 4, 3, 5).transpose(-1, -2),
    "channels_last": lambda: torch.rand(2, 4, 5, 3).to(memory_format=torch.channels_last),
    "sliced": lambda: torch.rand(2, 4, 10, 6)[:, :, ::2, 1:4],
    "expanded": lambda: torch.rand(1, 4, 5, 1).expand(2, 4, 5, 3),
    "sizes of one": lambda: torch.rand(5, 1, 3, 1).permute(3, 1, 0, 2),
    "channels_last, one channel": lambda: torch.rand(2, 1, 5, 3).to(memory_format=torch.channels_last),
    "channels_last, one pixel": lambda: torch.rand(2, 4, 1, 1).to(memory_format=torch.channels_last),
}


def _positions(x: torch.Tensor) -> torch.Tensor:
    return torch.zeros(x.shape, dtype=torch.long)


_FUNCTIONS: tuple[Callable[[torch.Tensor], object], ...] = (
    # Element by element.
    lambda x: x + 1, lambda x: 1 - x, lambda x: x * x.clone(), lambda x: x + torch.rand(x.shape[1], 1, 1),
    lambda x: x / x,
    lambda x: x**2, lambda x: 2**x, lambda x: -x, lambda x: x > 0, lambda x: x.exp(), lambda x: x.clamp(0, 1),
    lambda x: torch.where(x > 0, x, 0.0), lambda x: torch.addcmul(x, x, x), lambda x: x.lerp(x, 0.5),
    lambda x: x.half() + x,
    lambda x: x.masked_fill(x > 0, 1), lambda x: x.logit(), lambda x: torch.maximum(x, x.clone()), lambda x: x.atan2(x),
    lambda x: F.relu(x), lambda x: F.gelu(x), lambda x: F.silu(x), lambda x: F.leaky_relu(x), lambda x: F.elu(x),
    lambda x: F.softplus(x), lambda x: F.hardswish(x), lambda x: F.dropout(x), lambda x: F.dropout2d(x),
    lambda x: F.alpha_dropout(x),
    lambda x: F.prelu(x, torch.rand(1)), lambda x: F.prelu(x, torch.rand(x.shape[1])),
    lambda x: F.rrelu(x, training=True),
    lambda x: F.logsigmoid(x), lambda x: F.softsign(x), lambda x: F.tanhshrink(x), lambda x: F.mish(x),
    lambda x: F.rrelu(x),
    lambda x: torch.view_as_complex(x.repeat(1, 1, 1, 2).view(*x.shape, 2)).abs(),
    # Copies and dtypes.
    lambda x: x.clone(), lambda x: x.double(), lambda x: x.to(torch.float32), lambda x: x.to(torch.float64),
    lambda x: x.contiguous(),
    lambda x: torch.zeros_like(x), lambda x: torch.rand_like(x), lambda x: x.new_zeros(x.shape),
    lambda x: x.reshape(2, -1),
    lambda x: x.flatten(1), lambda x: x.long(), lambda x: x.type_as(x.half()),
    # Reductions and searches.
    lambda x: x.sum(), lambda x: x.sum(1), lambda x: x.sum(1, keepdim=True), lambda x: x.mean((0, 1)),
    lambda x: x.max(1),
    lambda x: x.max(), lambda x: x.amax(1), lambda x: x.var((1,)), lambda x: x.norm(dim=1), lambda x: x.logsumexp(1),
    lambda x: x.std(),
    lambda x: x.argmax(1), lambda x: x.argmax(), lambda x: x.median(1), lambda x: x.sort(1), lambda x: x.topk(1, 1),
    lambda x: x.argsort(-1),
    lambda x: x.prod(1), lambda x: (x > 0).any(1), lambda x: x.cumsum(1), lambda x: x.cumprod(-1),
    lambda x: x.cummax(1),
    lambda x: x.logcumsumexp(1), lambda x: x.kthvalue(1, 1), lambda x: x.mode(1), lambda x: x.quantile(0.5, 1),
    lambda x: x.diff(dim=1),
    lambda x: torch.trapezoid(x), lambda x: torch.var_mean(x, (1,)), lambda x: torch.linalg.norm(x),
    lambda x: torch.linalg.vector_norm(x, dim=1),
    # Softmax and norms.
    lambda x: F.softmax(x, -1), lambda x: F.softmax(x, 1), lambda x: F.log_softmax(x, 1), lambda x: F.gumbel_softmax(x),
    lambda x: F.layer_norm(x, x.shape[-1:]), lambda x: F.group_norm(x, 1), lambda x: F.rms_norm(x, x.shape[-1:]),
    lambda x: F.instance_norm(x), lambda x: F.batch_norm(x, None, None, training=True),
    lambda x: F.batch_norm(x, torch.zeros(x.shape[1]), torch.ones(x.shape[1])), lambda x: F.local_response_norm(x, 2),
    lambda x: F.normalize(x), lambda x: F.normalize(x, dim=-1), lambda x: x.renorm(2, 0, 1.0),
    # Joining and rearranging.
    lambda x: torch.cat([x, x], 1), lambda x: torch.cat([x, torch.rand(x.shape)], 1), lambda x: torch.stack([x, x], 1),
    lambda x: torch.hstack([x, x]), lambda x: torch.vstack([x, x]), lambda x: torch.dstack([x, x]),
    lambda x: x.repeat(2, 1, 1, 1),
    lambda x: x.repeat_interleave(2, 1), lambda x: x.repeat_interleave(2), lambda x: x.tile(2), lambda x: x.flip(1),
    lambda x: x.roll(1, 1),
    lambda x: x.roll(1), lambda x: x.rot90(), lambda x: x.tril(), lambda x: x.triu(1), lambda x: x.diagflat(),
    lambda x: x.diag_embed(),
    lambda x: F.pixel_shuffle(torch.cat([x] * 4, 1), 2), lambda x: F.pixel_unshuffle(x.repeat(1, 1, 2, 2), 2),
    lambda x: F.channel_shuffle(x, x.shape[1]), lambda x: torch.meshgrid(x.flatten(), x[0, 0, 0], indexing="ij"),
    # By index.
    lambda x: x.gather(1, _positions(x)), lambda x: x.gather(1, _positions(x).permute(0, 1, 3, 2)[..., :1]),
    lambda x: x.index_select(1, torch.tensor([0, 0])),
    lambda x: x.take(_positions(x)[0, 0].t()), lambda x: x.scatter(1, _positions(x), x),
    lambda x: x.scatter_add(1, _positions(x), x),
    lambda x: x.index_add(1, torch.tensor([0]), x[:, :1]), lambda x: x.index_fill(1, torch.tensor([0]), 1.0),
    lambda x: x.scatter_reduce(1, _positions(x), x, "sum"), lambda x: x.index_copy(1, torch.tensor([0]), x[:, :1]),
    lambda x: x.index_reduce(1, torch.tensor([0]), x[:, :1], "prod"), lambda x: x.put(torch.tensor([0]), torch.rand(1)),
    lambda x: x.slice_scatter(x[:, :1], 1, 0, 1), lambda x: torch.diagonal_scatter(x, x.diagonal()),
    lambda x: x.msort(),
    lambda x: x.index_put((torch.tensor([0]),), torch.tensor(1.0)), lambda x: x.masked_scatter(x > 0, x),
    lambda x: x[x > 0],
    lambda x: x[torch.tensor([0, 0])], lambda x: x[:, torch.tensor([0, 0])], lambda x: x[..., torch.tensor([0, 0])],
    lambda x: x[torch.tensor([0, 0]), :, torch.tensor([0, 0])], lambda x: x.take_along_dim(_positions(x), 1),
    lambda x: x.nonzero(),
    lambda x: F.embedding((x * 2).long(), torch.rand(3, 7)), lambda x: F.one_hot((x * 2).long(), 3),
    lambda x: x.select_scatter(x[:, 0], 1, 0),
    # Products.
    lambda x: x @ x.transpose(-1, -2), lambda x: x @ torch.rand(x.shape[-1], 6),
    lambda x: x @ torch.rand(6, x.shape[-1]).t(),
    lambda x: x @ torch.rand(x.shape[-1]), lambda x: torch.rand(6, x.shape[-2]) @ x,
    lambda x: torch.rand(x.shape[-2]) @ x,
    lambda x: F.linear(x, torch.rand(6, x.shape[-1]), torch.rand(6)),
    lambda x: F.linear(x[0], torch.rand(6, x.shape[-1])),
    lambda x: F.linear(x[0, 0], torch.rand(6, x.shape[-1]), torch.rand(6)),
    lambda x: torch.bmm(x[0], x[0].transpose(1, 2)),
    lambda x: torch.mm(x[0, 0], x[0, 0].t()),
    lambda x: torch.addmm(torch.rand(6), x[0, 0], torch.rand(6, x.shape[-1]).t()),
    lambda x: torch.baddbmm(torch.rand(1), x[0], x[0].transpose(1, 2)), lambda x: torch.einsum("bhqd,bhkd->bhqk", x, x),
    lambda x: torch.einsum("bhqd->bqhd", x), lambda x: F.scaled_dot_product_attention(x, x, x),
    lambda x: torch.cdist(x, x),
    lambda x: torch.outer(x[0, 0, 0], x[0, 0, 0]), lambda x: torch.tensordot(x, x, 4),
    lambda x: torch.mv(x[0, 0], x[0, 0, 0]),
    lambda x: F.bilinear(x, x, torch.rand(4, x.shape[-1], x.shape[-1])), lambda x: torch.inner(x, x),
    lambda x: F.cosine_similarity(x, x),
    # Convolutions, pools, resampling.
    lambda x: F.conv2d(x, torch.rand(7, x.shape[1], 1, 1)),
    lambda x: F.conv2d(x, torch.rand(7, x.shape[1], 3, 3), padding=1),
    lambda x: F.conv2d(x, torch.rand(7, x.shape[1], 3, 3).to(memory_format=torch.channels_last), padding=1),
    lambda x: F.conv_transpose2d(x, torch.rand(x.shape[1], 3, 2, 2), stride=2),
    lambda x: F.conv1d(x[0], torch.rand(7, x.shape[2], 1)),
    lambda x: F.conv1d(x[:, 0], torch.rand(7, x.shape[2], 1)), lambda x: F.max_pool2d(x, 1),
    lambda x: F.max_pool2d(x, 1, return_indices=True),
    lambda x: F.avg_pool2d(x, 1), lambda x: F.adaptive_avg_pool2d(x, 1), lambda x: F.adaptive_avg_pool2d(x, (2, 1)),
    lambda x: F.lp_pool2d(x, 2, 1),
    lambda x: F.adaptive_max_pool2d(x, 1), lambda x: F.interpolate(x, scale_factor=2.0),
    lambda x: F.interpolate(x, size=(3, 4), mode="bilinear"),
    lambda x: F.pad(x, (1, 1)), lambda x: F.pad(x, (0, 0, 0, 0), mode="reflect"), lambda x: F.pad(x, (0, 0)),
    lambda x: F.pad(x, (1, 1), mode="replicate"),
    lambda x: F.grid_sample(x, torch.rand(x.shape[0], 3, 3, 2)), lambda x: F.unfold(x, 1),
    lambda x: F.glu(torch.cat([x, x], 1), 1),
    # Losses.
    lambda x: F.binary_cross_entropy(x, x, reduction="none"),
    lambda x: F.binary_cross_entropy_with_logits(x, x, reduction="none"),
    lambda x: F.mse_loss(x, x, reduction="none"), lambda x: F.smooth_l1_loss(x, x, reduction="none"),
    lambda x: F.huber_loss(x, x, reduction="none"),
    lambda x: F.l1_loss(x, x, reduction="none"), lambda x: F.kl_div(x, x, reduction="none"), lambda x: F.mse_loss(x, x),
    lambda x: F.nll_loss(x, _positions(x)[:, 0], reduction="none"), lambda x: F.cross_entropy(x, _positions(x)[:, 0]),
    lambda x: F.cross_entropy(x, _positions(x)[:, 0], reduction="none"),
    lambda x: F.cross_entropy(x, x, reduction="none"),
    # Fourier.
    lambda x: torch.fft.fft(x), lambda x: torch.fft.rfft(x), lambda x: torch.fft.irfft2(torch.fft.rfft2(x)),
)  # fmt: skip


@pytest.mark.parametrize("kind", list(_OPERANDS))
def test_results_of_operands_in_any_layout(kind: str) -> None:
    torch.manual_seed(0)
    problems: list[str] = []
    told = 0
    for function in _FUNCTIONS:
        functions, operators = RecordedFunctions(), RecordedCalls()
        try:
            with warnings.catch_warnings(), functions, operators:
                warnings.simplefilter("ignore")
                function(_OPERANDS[kind]())
        except (RuntimeError, IndexError, ValueError):
            continue  # Some need more than one row or channel.
        for name, arguments, results in functions.calls + operators.calls:
            found = infer(name, arguments)
            if found is not None:
                told += 1
                problem = disagreement(found, results)
                if problem is not None:
                    problems.append(f"{name}{arguments}: {problem}")
    assert not problems, "\n".join(problems)
    assert told > len(_FUNCTIONS)
