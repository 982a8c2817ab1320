"""The layers that are compared with torch: how each is made, and what it is called with.

Expressions of a program that has `nn`, and `uniform(*shape)` for a float tensor without history. Inputs are named `x0`, `x1`, …
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """`layer = make`, called as `call`; with `only_first`, no input but `x0` ever needs a gradient (targets do not)."""

    make: str
    inputs: tuple[str, ...]
    call: str = ""
    only_first: bool = False

    @property
    def expression(self) -> str:
        """The call as the program writes it."""
        return self.call or f"layer({', '.join(f'x{i}' for i in range(len(self.inputs)))})"


def u(*shape: int) -> str:
    """A float input."""
    return f"uniform({', '.join(map(str, shape))})"


def ids(limit: int, *shape: int) -> str:
    """An input of class numbers or rows."""
    return f"torch.randint(0, {limit}, {shape})"


_ROW = (u(2, 4),)
_IMAGE = (u(1, 2, 4, 4),)
_SEQUENCE = (u(2, 1, 3),)
_PAIR = (u(2, 3), u(2, 3))

_MADE_WITHOUT_ARGUMENTS = """
ReLU ReLU6 LeakyReLU ELU SELU CELU GELU SiLU Mish Hardswish Hardsigmoid Hardtanh Sigmoid Tanh LogSigmoid Softplus Softsign
Softshrink Hardshrink Tanhshrink PReLU RReLU GLU Softmin Softmax LogSoftmax Identity Flatten
""".split()
_WITH_INPLACE = "ReLU ReLU6 LeakyReLU ELU SELU CELU SiLU Mish Hardswish Hardsigmoid Hardtanh RReLU".split()
_LOSSES_OF_PAIRS = """
MSELoss L1Loss SmoothL1Loss HuberLoss BCELoss BCEWithLogitsLoss KLDivLoss PoissonNLLLoss SoftMarginLoss
MultiLabelSoftMarginLoss HingeEmbeddingLoss
""".split()


def _linear_and_convolution() -> Iterator[Layer]:
    yield from (Layer("nn.Linear(3, 4)", (u(*shape),)) for shape in ((2, 3), (2, 5, 3), (3,), (2, 2, 5, 3)))
    yield from (Layer("nn.Linear(3, 4, bias=False)", (u(*shape),)) for shape in ((2, 3), (2, 5, 3), (3,)))
    yield Layer("nn.Linear(3, 4)", (u(5, 2, 3) + ".transpose(0, 1)",))
    yield Layer("nn.Bilinear(3, 3, 4)", _PAIR)
    yield Layer("nn.Conv1d(2, 3, 2)", (u(1, 2, 5),))
    yield Layer("nn.Conv2d(2, 3, 2)", (u(1, 2, 5, 5),))
    yield Layer("nn.Conv2d(2, 3, 2, bias=False)", (u(1, 2, 5, 5),))
    yield Layer("nn.Conv2d(2, 2, 2, groups=2)", (u(1, 2, 5, 5),))
    yield Layer("nn.Conv2d(2, 3, 3, padding=1, padding_mode='reflect')", (u(1, 2, 5, 5),))
    yield Layer("nn.Conv2d(2, 3, 2, padding='same')", (u(1, 2, 5, 5),))
    yield Layer("nn.Conv2d(2, 3, 3, padding='same')", (u(1, 2, 5, 5),))
    yield Layer("nn.Conv3d(1, 2, 2)", (u(1, 1, 3, 3, 3),))
    yield Layer("nn.ConvTranspose1d(2, 3, 2)", (u(1, 2, 4),))
    yield Layer("nn.ConvTranspose2d(2, 3, 2, stride=2)", (u(1, 2, 4, 4),))


def _normalisation() -> Iterator[Layer]:
    for mode in ("", ".eval()"):
        yield Layer(f"nn.BatchNorm1d(3){mode}", (u(4, 3),))
        yield Layer(f"nn.BatchNorm2d(3){mode}", (u(2, 3, 4, 4),))
    yield Layer("nn.BatchNorm1d(3, affine=False)", (u(4, 3),))
    yield Layer("nn.BatchNorm1d(3, track_running_stats=False)", (u(4, 3),))
    yield Layer("nn.BatchNorm1d(3, momentum=None)", (u(4, 3),))
    yield Layer("nn.LayerNorm(3)", (u(2, 3),))
    yield Layer("nn.LayerNorm(3, bias=False)", (u(2, 3),))
    yield Layer("nn.LayerNorm(3, elementwise_affine=False)", (u(2, 3),))
    yield Layer("nn.RMSNorm(3)", (u(2, 3),))
    yield Layer("nn.GroupNorm(2, 4)", (u(2, 4, 3),))
    yield Layer("nn.InstanceNorm1d(3)", (u(2, 3, 4),))
    yield Layer("nn.InstanceNorm1d(3, affine=True, track_running_stats=True)", (u(2, 3, 4),))
    yield Layer("nn.InstanceNorm2d(3, affine=True)", (u(2, 3, 4, 4),))
    yield Layer("nn.LocalResponseNorm(2)", (u(1, 3, 4, 4),))


def _activations_and_dropout() -> Iterator[Layer]:
    yield from (Layer(f"nn.{name}()", _ROW) for name in _MADE_WITHOUT_ARGUMENTS)
    yield from (Layer(f"nn.{name}(inplace=True)", _ROW) for name in _WITH_INPLACE)
    yield Layer("nn.GELU('tanh')", _ROW)
    yield Layer("nn.Threshold(0.1, 0.2)", _ROW)
    yield Layer("nn.Threshold(0.1, 0.2, inplace=True)", _ROW)
    yield Layer("nn.RReLU().eval()", _ROW)
    yield Layer("nn.Softmax2d()", (u(1, 3, 2, 2),))
    for make in ("Dropout(0.5)", "Dropout(0.0)", "Dropout(1.0)", "Dropout(0.5).eval()", "Dropout(0.5, inplace=True)"):
        yield Layer(f"nn.{make}", (u(2, 3),))
    yield Layer("nn.Dropout(0.5, inplace=True).eval()", (u(2, 3),))
    yield Layer("nn.Dropout1d(0.5)", (u(2, 3, 4),))
    yield Layer("nn.Dropout2d(0.5)", (u(2, 3, 4, 4),))
    yield Layer("nn.Dropout3d(0.5, inplace=True)", (u(2, 3, 2, 2, 2),))
    yield Layer("nn.AlphaDropout(0.5)", (u(2, 3),))
    yield Layer("nn.FeatureAlphaDropout(0.5)", (u(2, 3, 4),))


def _pooling() -> Iterator[Layer]:
    for kind in ("Max", "Avg"):
        yield Layer(f"nn.{kind}Pool1d(2)", (u(1, 2, 4),))
        yield Layer(f"nn.{kind}Pool2d(2)", _IMAGE)
        yield Layer(f"nn.{kind}Pool3d(2)", (u(1, 1, 4, 4, 4),))
    yield Layer("nn.MaxPool2d(2, return_indices=True)", _IMAGE)
    yield Layer("nn.AdaptiveAvgPool1d(1)", (u(1, 2, 4),))
    yield Layer("nn.AdaptiveAvgPool1d(2)", (u(1, 2, 4),))
    yield Layer("nn.AdaptiveAvgPool2d(1)", _IMAGE)
    yield Layer("nn.AdaptiveAvgPool2d(2)", _IMAGE)
    yield Layer("nn.AdaptiveAvgPool2d((None, 2))", _IMAGE)
    yield Layer("nn.AdaptiveMaxPool1d(2)", (u(1, 2, 4),))
    yield Layer("nn.AdaptiveMaxPool2d(2)", _IMAGE)
    yield Layer("nn.LPPool1d(2, 2)", (u(1, 2, 4),))
    yield Layer("nn.LPPool2d(2, 2)", _IMAGE)
    yield Layer("nn.FractionalMaxPool2d(2, output_size=2)", _IMAGE)


def _embedding_and_recurrence() -> Iterator[Layer]:
    yield Layer("nn.Embedding(5, 3)", (ids(5, 2),))
    yield Layer("nn.Embedding(5, 3, padding_idx=0)", (ids(5, 2),))
    yield Layer("nn.Embedding(5, 3, max_norm=0.1)", (ids(5, 2),))
    yield Layer("nn.EmbeddingBag(5, 3)", (ids(5, 2, 2),))
    yield Layer("nn.RNN(3, 3)", _SEQUENCE)
    yield Layer("nn.RNN(3, 3, nonlinearity='relu')", _SEQUENCE)
    yield Layer("nn.LSTM(3, 3)", _SEQUENCE)
    yield Layer("nn.LSTM(3, 3, bias=False)", _SEQUENCE)
    yield Layer("nn.LSTM(3, 3, 2, batch_first=True)", (u(1, 2, 3),))
    yield Layer("nn.LSTM(3, 3, bidirectional=True)", _SEQUENCE)
    yield Layer("nn.LSTM(3, 3)", (u(2, 1, 3), u(1, 1, 3), u(1, 1, 3)), "layer(x0, (x1, x2))")
    yield Layer("nn.LSTM(3, 3, proj_size=2)", _SEQUENCE)
    yield Layer("nn.GRU(3, 3)", _SEQUENCE)
    yield Layer("nn.GRU(3, 3)", (u(2, 1, 3), u(1, 1, 3)))
    yield Layer("nn.GRU(3, 3, 2, batch_first=True, bidirectional=True)", (u(1, 2, 3),))
    yield Layer("nn.RNNCell(3, 3)", _PAIR)
    yield Layer("nn.GRUCell(3, 3)", _PAIR)
    yield Layer("nn.LSTMCell(3, 3)", (u(2, 3), u(2, 3), u(2, 3)), "layer(x0, (x1, x2))")
    yield Layer("nn.LSTMCell(3, 3)", (u(2, 3),))


def _attention() -> Iterator[Layer]:
    sequence = (u(2, 3, 4),)
    for make in ("", ".eval()"):
        yield Layer(f"nn.MultiheadAttention(4, 2, batch_first=True){make}", sequence, "layer(x0, x0, x0)")
    yield Layer("nn.MultiheadAttention(4, 2)", sequence, "layer(x0, x0, x0)")
    yield Layer("nn.MultiheadAttention(4, 2)", sequence, "layer(x0, x0, x0, need_weights=False)")
    yield Layer("nn.MultiheadAttention(4, 2)", (u(2, 3, 4), u(2, 3, 4)), "layer(x0, x1, x1)")
    yield Layer("nn.MultiheadAttention(4, 2)", (u(2, 3, 4), u(2, 3, 4), u(2, 3, 4)))
    yield Layer("nn.MultiheadAttention(4, 2, kdim=3, vdim=3)", (u(2, 3, 4), u(2, 3, 3)), "layer(x0, x1, x1)")
    for options in ("", ", norm_first=True", ", activation='gelu'", ", dropout=0.0"):
        yield Layer(f"nn.TransformerEncoderLayer(4, 2, 8, batch_first=True{options})", sequence)
    yield Layer("nn.TransformerDecoderLayer(4, 2, 8, batch_first=True)", (u(2, 3, 4), u(2, 3, 4)))
    yield Layer("nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2)", sequence)


def _parametrized() -> Iterator[Layer]:
    row = (u(2, 3),)
    yield Layer("nn.utils.spectral_norm(nn.Linear(3, 4))", row)
    yield Layer("nn.utils.spectral_norm(nn.Linear(3, 4)).eval()", row)
    yield Layer("nn.utils.spectral_norm(nn.Conv2d(2, 3, 2))", (u(1, 2, 5, 5),))
    yield Layer("nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4))", row)
    yield Layer("nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4)).eval()", row)
    yield Layer("nn.utils.weight_norm(nn.Linear(3, 4))", row)
    yield Layer("nn.utils.parametrizations.weight_norm(nn.Linear(3, 4))", row)
    yield Layer("nn.utils.parametrizations.orthogonal(nn.Linear(3, 3))", row)


def _shapes_and_distances() -> Iterator[Layer]:
    yield Layer("nn.PixelShuffle(2)", (u(1, 4, 2, 2),))
    yield Layer("nn.PixelUnshuffle(2)", (u(1, 1, 4, 4),))
    yield Layer("nn.ChannelShuffle(2)", (u(1, 4, 2, 2),))
    yield Layer("nn.Upsample(scale_factor=2)", (u(1, 2, 2, 2),))
    for mode in ("bilinear", "bicubic", "area", "nearest-exact"):
        yield Layer(f"nn.Upsample(scale_factor=2, mode='{mode}')", (u(1, 2, 2, 2),))
    yield Layer("nn.Upsample(size=5, mode='linear')", (u(1, 2, 2),))
    yield Layer("nn.Unfold(2)", _IMAGE)
    yield Layer("nn.Fold((4, 4), 2)", (u(1, 8, 9),))
    yield Layer("nn.ZeroPad2d(1)", (u(1, 2, 3, 3),))
    yield Layer("nn.ConstantPad1d(1, 0.5)", (u(1, 2, 3),))
    for mode in ("Reflection", "Replication", "Circular"):
        yield Layer(f"nn.{mode}Pad2d(1)", (u(1, 2, 3, 3),))
    yield Layer("nn.Flatten()", (u(2, 3, 4),))
    yield Layer("nn.Flatten()", (u(2, 4, 3) + ".transpose(1, 2)",))
    yield Layer("nn.Unflatten(1, (2, 2))", _ROW)
    yield Layer("nn.CosineSimilarity()", _PAIR)
    yield Layer("nn.PairwiseDistance()", _PAIR)


def _losses() -> Iterator[Layer]:
    triple = (u(2, 3), u(2, 3), u(2, 3))
    classes = (u(2, 3), ids(3, 2))
    for name in _LOSSES_OF_PAIRS:
        yield Layer(f"nn.{name}()", _PAIR, only_first=True)
    for options in ("", "weight=uniform(3)", "label_smoothing=0.1", "reduction='none'", "reduction='sum'"):
        yield Layer(f"nn.CrossEntropyLoss({options})", classes, only_first=True)
    yield Layer("nn.CrossEntropyLoss()", _PAIR, only_first=True)
    yield Layer("nn.CrossEntropyLoss(weight=uniform(3))", _PAIR, only_first=True)
    yield Layer("nn.CrossEntropyLoss()", (u(2, 3, 4), ids(3, 2, 4)), only_first=True)
    yield Layer("nn.CrossEntropyLoss()", (u(2, 3, 4, 4), ids(3, 2, 4, 4)), only_first=True)
    yield Layer("nn.CrossEntropyLoss()", (u(3), "torch.tensor(1)"), only_first=True)
    yield Layer("nn.NLLLoss()", classes, only_first=True)
    yield Layer("nn.MultiMarginLoss()", classes, only_first=True)
    yield Layer("nn.MultiLabelMarginLoss()", (u(2, 3), ids(3, 2, 3)), only_first=True)
    yield Layer("nn.GaussianNLLLoss()", triple, only_first=True)
    yield Layer("nn.TripletMarginLoss()", triple, only_first=True)
    yield Layer("nn.MarginRankingLoss()", (u(3), u(3), "torch.ones(3)"), only_first=True)
    yield Layer("nn.CosineEmbeddingLoss()", (u(2, 3), u(2, 3), "torch.ones(2)"), only_first=True)
    yield Layer("nn.BCEWithLogitsLoss(pos_weight=uniform(3))", _PAIR, only_first=True)
    lengths = ("torch.tensor([[1, 2]])", "torch.tensor([5])", "torch.tensor([2])")
    yield Layer("nn.CTCLoss()", (u(5, 1, 3) + ".log_softmax(2)", *lengths), only_first=True)


LAYERS = (
    *_linear_and_convolution(),
    *_normalisation(),
    *_activations_and_dropout(),
    *_pooling(),
    *_embedding_and_recurrence(),
    *_attention(),
    *_parametrized(),
    *_shapes_and_distances(),
    *_losses(),
)
