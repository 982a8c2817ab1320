"""Functions that torch's own samples (OpInfo) leave out: recurrent networks, factories, and the less usual options."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 as everybody writes it
from tests.torchfacts.geometries import RecordedCalls, RecordedFunctions, abstract, disagreement, results_of
from torch import _VF

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import infer


def _rand(*shape: int) -> torch.Tensor:
    return torch.rand(shape)


def _attended(query: torch.Tensor, key: torch.Tensor) -> object:
    return F.multi_head_attention_forward(
        query, key, key, 8, 2, _rand(24, 8), None, None, None, False, 0.0, _rand(8, 8), None
    )


_FUNCTIONS: tuple[Callable[[], object], ...] = (
    lambda: torch.zeros(2, 3), lambda: torch.ones((2, 3), dtype=torch.int32), lambda: torch.empty(2, 0),
    lambda: torch.zeros(()), lambda: torch.full((2, 3), 1), lambda: torch.full((2, 3), 1.5),
    lambda: torch.full((2,), True), lambda: torch.full((2,), 1, dtype=torch.half), lambda: torch.arange(5),
    lambda: torch.arange(2, 9, 3), lambda: torch.arange(0, 1, 0.3), lambda: torch.arange(5, dtype=torch.float32),
    lambda: torch.arange(5.0), lambda: torch.arange(9, 2, -2), lambda: torch.linspace(0, 1, 7),
    lambda: torch.logspace(0, 1, 4), lambda: torch.eye(3), lambda: torch.eye(3, 4, dtype=torch.bool),
    lambda: torch.rand(2, 3), lambda: torch.randn(4), lambda: torch.randint(5, (2, 3)),
    lambda: torch.randint(1, 5, (2,), dtype=torch.int32), lambda: torch.randperm(6), lambda: torch.hann_window(8),
    lambda: torch.tensor([[1, 2]]), lambda: torch.tensor(1.5), lambda: torch.tensor([True]),
    lambda: torch.as_tensor([1.0, 2.0]), lambda: torch.zeros_like(_rand(3, 2).t()),
    lambda: torch.ones_like(_rand(2), dtype=torch.int64), lambda: torch.randn_like(_rand(2, 3)),
    lambda: torch.full_like(_rand(2, 3), 2), lambda: _rand(2).new_zeros(3, 4), lambda: _rand(2).new_full((3,), 1),
    lambda: _rand(2).new_ones(2, 2), lambda: _rand(2).new_empty(3, 1),
    lambda: torch.empty_like(_rand(2, 3, 4, 5), memory_format=torch.channels_last),
    lambda: torch.empty_strided((2, 3), (1, 2)), lambda: torch.normal(0.0, 1.0, (2, 3)),
    lambda: torch.bernoulli(_rand(2, 3)), lambda: torch.multinomial(_rand(3, 5), 2),
    lambda: torch.multinomial(_rand(5), 2), lambda: torch.tril_indices(3, 3),
    # Dtypes.
    lambda: _rand(2, 3).t().half(), lambda: _rand(2).to(torch.int32), lambda: _rand(2).to(torch.float32),
    lambda: _rand(2, 3).t().to(torch.float64), lambda: _rand(2).type(torch.float64),
    lambda: _rand(2).type_as(torch.zeros(1, dtype=torch.half)), lambda: _rand(2).bool(), lambda: _rand(2).long(),
    lambda: _rand(2).to(torch.zeros(1, dtype=torch.float64)), lambda: _rand(2).to(torch.float32, copy=True),
    lambda: _rand(2).byte(),
    # Recurrent cells.
    lambda: torch.lstm_cell(_rand(3, 4), (_rand(3, 5), _rand(3, 5)), _rand(20, 4), _rand(20, 5)),
    lambda: torch.gru_cell(_rand(3, 4), _rand(3, 5), _rand(15, 4), _rand(15, 5)),
    lambda: torch.rnn_tanh_cell(_rand(3, 4), _rand(3, 5), _rand(5, 4), _rand(5, 5)),
    # Layers.
    lambda: F.embedding_bag(torch.tensor([[0, 1], [2, 0]]), _rand(3, 4)),
    lambda: F.embedding_bag(torch.tensor([0, 1, 2]), _rand(3, 4), torch.tensor([0, 2])),
    lambda: F.embedding(torch.tensor([[0, 1]]), _rand(3, 4)), lambda: F.affine_grid(_rand(2, 2, 3), [2, 3, 4, 5]),
    lambda: F.affine_grid(_rand(1, 3, 4), [1, 2, 3, 4, 5]), lambda: F.fold(_rand(2, 12, 20), (5, 6), (2, 2)),
    lambda: F.unfold(_rand(2, 3, 5, 6), 2, padding=1), lambda: F.fold(_rand(12, 20), (5, 6), 2),
    lambda: F.lp_pool1d(_rand(2, 3, 8), 2, 2), lambda: F.lp_pool3d(_rand(2, 3, 8, 8, 8), 2, 2),
    lambda: F.gumbel_softmax(_rand(2, 3)),
    lambda: F.max_unpool2d(*F.max_pool2d(_rand(1, 2, 4, 4), 2, return_indices=True), 2),
    lambda: F.adaptive_max_pool1d(_rand(2, 3, 8), 4, return_indices=True),
    lambda: F.max_pool1d(_rand(2, 3, 9), 2, ceil_mode=True),
    lambda: F.max_pool3d(_rand(2, 3, 9, 9, 9), 2, stride=1, padding=1, dilation=1),
    lambda: F.avg_pool2d(_rand(3, 9, 9), (2, 3), stride=(1, 2), ceil_mode=True),
    lambda: F.conv1d(_rand(2, 3, 9), _rand(4, 3, 3), stride=2, padding="valid"),
    lambda: F.conv2d(_rand(2, 4, 9, 9), _rand(6, 2, 3, 3), groups=2, dilation=2),
    lambda: F.conv2d(_rand(2, 4, 9, 9), _rand(6, 4, 3, 3), padding="same"),
    lambda: F.conv3d(_rand(1, 2, 5, 5, 5), _rand(3, 2, 2, 2, 2)),
    lambda: F.conv_transpose1d(_rand(2, 4, 5), _rand(4, 3, 3), stride=2, output_padding=1),
    lambda: F.conv_transpose3d(_rand(1, 2, 3, 3, 3), _rand(2, 3, 2, 2, 2), stride=2),
    lambda: F.conv2d(_rand(4, 9, 9), _rand(6, 4, 3, 3)), lambda: F.interpolate(_rand(1, 2, 5), scale_factor=1.5),
    lambda: F.interpolate(_rand(1, 2, 5, 5), (7, 3), mode="bicubic"),
    lambda: F.interpolate(_rand(1, 2, 5, 5, 5), scale_factor=(2, 1, 0.5), mode="trilinear"),
    lambda: F.interpolate(_rand(1, 2, 5, 7), scale_factor=0.7),
    lambda: F.interpolate(_rand(1, 2, 5, 7), 4, mode="area"), lambda: F.upsample(_rand(1, 2, 5, 5), scale_factor=2),
    lambda: F.softmin(_rand(2, 3), 1), lambda: F.pad(_rand(2, 3, 4), (1, 2, 0, 1, 3, 0)),
    lambda: F.pad(_rand(2, 3, 4), (-1, 0)), lambda: F.pad(_rand(1, 3, 4), (1, 1), mode="circular"),
    lambda: F.scaled_dot_product_attention(_rand(2, 4, 5, 8), _rand(2, 4, 6, 8), _rand(2, 4, 6, 9)),
    lambda: F.softmax(_rand(2, 3), 1, dtype=torch.float64),
    lambda: F.pairwise_distance(_rand(3, 4), _rand(3, 4), keepdim=True), lambda: F.one_hot(torch.tensor([[1, 0]]), 4),
    lambda: F.normalize(_rand(3, 4), dim=0), lambda: F.layer_norm(_rand(2, 3, 4), (3, 4)),
    lambda: F.bilinear(_rand(5, 2), _rand(5, 3), _rand(4, 2, 3)), lambda: F.threshold(_rand(3), 0.1, 0.0),
    lambda: torch.nn.utils.rnn.pad_sequence([_rand(3, 2), _rand(5, 2)]), lambda: F.relu6(_rand(3)),
    lambda: F.celu(_rand(3)), lambda: F.hardtanh(_rand(3)),
    lambda: _attended(_rand(3, 2, 8), _rand(4, 2, 8)),
    # Losses.
    lambda: F.cross_entropy(_rand(3, 5), torch.tensor([0, 1, 4]), reduction="sum"),
    lambda: F.cross_entropy(_rand(5), torch.tensor(1)),
    lambda: F.cross_entropy(_rand(2, 5, 3), torch.zeros(2, 3, dtype=torch.long), reduction="none"),
    lambda: F.nll_loss(_rand(3, 5), torch.tensor([0, 1, 4])),
    lambda: F.triplet_margin_loss(_rand(3, 4), _rand(3, 4), _rand(3, 4), reduction="none"),
    lambda: F.gaussian_nll_loss(_rand(3, 4), _rand(3, 4), _rand(3, 1)),
    lambda: F.cosine_embedding_loss(_rand(3, 4), _rand(3, 4), torch.ones(3), reduction="none"),
    lambda: F.mse_loss(_rand(3, 4), _rand(3, 4), reduction="none"),
    lambda: F.ctc_loss(_rand(9, 2, 5).log(), torch.ones(2, 3).long(), (9, 9), (3, 3), reduction="none"),
    lambda: F.kl_div(_rand(3, 4), _rand(3, 4), reduction="batchmean"),
    lambda: F.multi_margin_loss(_rand(3, 4), torch.tensor([0, 1, 2]), reduction="none"),
    # Joining, cutting, searching.
    lambda: torch.cat([_rand(2, 3), torch.ones(4, 3, dtype=torch.long)]), lambda: torch.cat([_rand(2, 3), _rand(0)]),
    lambda: torch.stack([_rand(2), _rand(2)], -1), lambda: torch.cartesian_prod(_rand(2), _rand(3)),
    lambda: torch.block_diag(_rand(2, 3), _rand(4), _rand(1, 1)), lambda: torch.split(_rand(7, 2), 3),
    lambda: torch.split(_rand(7, 2), [3, 4]), lambda: torch.chunk(_rand(7, 2), 3), lambda: torch.unbind(_rand(2, 3), 1),
    lambda: torch.tensor_split(_rand(7), 3), lambda: torch.hsplit(_rand(4, 6), 3),
    lambda: torch.vsplit(_rand(4, 6), [1, 2]), lambda: torch.dsplit(_rand(2, 3, 4), 2),
    lambda: torch.nonzero(_rand(3, 4)), lambda: torch.nonzero(_rand(3, 4), as_tuple=True),
    lambda: torch.unique(torch.tensor([1, 1, 2]), return_inverse=True, return_counts=True),
    lambda: torch.where(_rand(3) > 0.5), lambda: torch.meshgrid(_rand(2), _rand(3), indexing="xy"),
    lambda: torch.bincount(torch.tensor([0, 3])), lambda: torch.repeat_interleave(_rand(2, 3), 2),
    lambda: torch.repeat_interleave(_rand(2, 3), torch.tensor([1, 2]), 0), lambda: torch.vander(_rand(3)),
    lambda: torch.einsum("ij,jk", _rand(2, 3), _rand(3, 4)),
    lambda: torch.einsum("b...i,b...i->b...", _rand(2, 3, 4), _rand(2, 1, 4)),
    lambda: torch.einsum("ii->i", _rand(3, 3)),
    lambda: torch.tensordot(_rand(2, 3, 4), _rand(4, 3, 5), ([1, 2], [1, 0])), lambda: torch.cov(_rand(3, 5)),
    lambda: torch.atleast_3d(_rand(2)), lambda: torch.linalg.norm(_rand(3, 4), dim=1),
    lambda: torch.linalg.norm(_rand(3, 4), "fro"), lambda: torch.norm(_rand(3, 4), p=2, dim=(0, 1), keepdim=True),
    lambda: torch.linalg.svd(_rand(3, 4), full_matrices=False), lambda: torch.linalg.qr(_rand(4, 3)),
    lambda: torch.linalg.eigh(_rand(3, 3)), lambda: torch.linalg.solve(_rand(2, 3, 3), _rand(2, 3)),
    lambda: torch.linalg.cholesky(torch.eye(3)), lambda: torch.linalg.slogdet(_rand(3, 3)),
    lambda: torch.fft.rfft(_rand(3, 8), n=6), lambda: torch.fft.irfft(torch.fft.rfft(_rand(8)), n=7),
    lambda: torch.fft.fftfreq(5), lambda: torch.stft(_rand(100), 16, return_complex=True),
)  # fmt: skip


def test_whatever_is_told_is_so() -> None:
    torch.manual_seed(0)
    problems: list[str] = []
    untold: list[str] = []
    for function in _FUNCTIONS:
        functions, operators = RecordedFunctions(), RecordedCalls()
        with warnings.catch_warnings(), functions, operators:
            warnings.simplefilter("ignore")
            function()
        for name, arguments, results in functions.calls + operators.calls:
            found = infer(name, arguments)
            if found is not None:
                problem = disagreement(found, results)
                if problem is not None:
                    problems.append(f"{name}{arguments}: {problem}")
        if functions.calls and infer(*functions.calls[-1][:2]) is None:
            untold.append(functions.calls[-1][0])
    assert not problems, "\n".join(problems)
    assert not untold


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_recurrent_networks(bidirectional: bool, batch_first: bool) -> None:
    network = torch.nn.LSTM(4, 5, 2, bidirectional=bidirectional, batch_first=batch_first, proj_size=3)
    x = _rand(6, 2, 4)
    rows = 4 if bidirectional else 2
    batch = 6 if batch_first else 2
    state = (_rand(rows, batch, 3), _rand(rows, batch, 5))
    weights = list(network.parameters())
    options = {"has_biases": True, "num_layers": 2, "dropout": 0.0, "train": True, "bidirectional": bidirectional}
    returned = _VF.lstm(x, state, weights, *options.values(), batch_first)
    given = {"input": x, "hx": state, "params": weights, **options, "batch_first": batch_first}
    _compare("lstm.input", given, returned)
    gru = torch.nn.GRU(4, 5, 2, bidirectional=bidirectional, batch_first=batch_first)
    weights = list(gru.parameters())
    hidden = _rand(rows, batch, 5)
    returned = _VF.gru(x, hidden, weights, *options.values(), batch_first)
    _compare("gru.input", {**given, "hx": hidden, "params": weights}, returned)


def _compare(name: str, arguments: dict[str, object], returned: object) -> None:
    found, results = infer(name, {key: abstract(value) for key, value in arguments.items()}), results_of(returned)
    assert found is not None and results is not None
    assert all(isinstance(one, Geometry) and one.shape is not None for one in found)
    assert disagreement(found, results) is None
