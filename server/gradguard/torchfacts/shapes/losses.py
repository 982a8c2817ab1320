"""Losses: one number, or one per element (or per row) with `reduction="none"`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.elementwise import common_dtype
from gradguard.torchfacts.shapes.layout import fresh, is_plain, unlaid
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    Unknown,
    shape_of,
    subject,
    tensor,
)

ShapeOf = Callable[[Arguments], "Shape | None"]
DtypeOf = Callable[["str | None"], "str | None"]


def _unreduced(arguments: Arguments) -> bool:
    """Whether the loss keeps its elements: `reduction="none"`, ATen's 0, or the old `reduce=False`."""
    if arguments.get("reduce") is False:
        return True
    reduction = arguments.get("reduction", "mean")
    if isinstance(reduction, (Unknown, Geometry)):
        raise Undetermined
    return reduction in ("none", 0)


def _loss(shape_of_elements: ShapeOf, *operands: str, dtype_of: DtypeOf = dtypes.floating_of) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = tensor(arguments, "self", "input", operands[0] if operands else "input")
        given: list[object] = [
            own,
            *(arguments[name] for name in operands if isinstance(arguments.get(name), Geometry)),
        ]
        dtype = dtype_of(common_dtype(given) if operands else own.dtype)
        if not _unreduced(arguments):
            return (fresh((), dtype),)
        shape = shape_of_elements(arguments)
        tensors = [value for value in arguments.values() if isinstance(value, Geometry)]
        return (fresh(shape, dtype) if all(map(is_plain, tensors)) else unlaid(shape, dtype),)

    return rule


def _broadcast_of(*names: str) -> ShapeOf:
    def shape(arguments: Arguments) -> Shape | None:
        found = [arguments.get(name) for name in names]
        return broadcast([item.shape for item in found if isinstance(item, Geometry)])

    return shape


def _row_shape(arguments: Arguments) -> Shape | None:
    """Of class scores (N, C, …) the shape without the classes."""
    shape = shape_of(subject(arguments))
    if not shape:
        raise Inconsistent
    return () if len(shape) == 1 else (shape[0], *shape[2:])


def _row_count(arguments: Arguments) -> Shape | None:
    return shape_of(subject(arguments))[:-1]


def _shape_of_labels(arguments: Arguments) -> Shape | None:
    target = tensor(arguments, "target")
    if target.dtype != "int64":
        raise Undetermined
    return target.shape


def _nll_forward(arguments: Arguments) -> Results:
    own = subject(arguments)
    reduced = not _unreduced(arguments)
    shape = () if reduced else _row_shape(arguments)
    return fresh(shape, own.dtype), fresh((), own.dtype)


def _triplet_rows(arguments: Arguments) -> Shape | None:
    common = broadcast([tensor(arguments, name).shape for name in ("anchor", "positive", "negative")])
    if common is None:
        raise Undetermined
    return common[:-1]


def _cosine_rows(arguments: Arguments) -> Shape | None:
    common = broadcast([tensor(arguments, "input1").shape, tensor(arguments, "input2").shape])
    if common is None:
        raise Undetermined
    rows = (common[0],) if len(common) == 2 else ()
    return broadcast([rows, tensor(arguments, "target").shape])


def _ctc_rows(arguments: Arguments) -> Shape | None:
    scores = tensor(arguments, "log_probs")
    return (shape_of(scores)[1],) if len(shape_of(scores)) == 3 else ()


def _distance(dtype: str | None) -> str | None:
    return dtypes.real_of(dtypes.floating_of(dtype))


_PAIR = ("self", "input", "target")

RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(
        "mse_loss smooth_l1_loss huber_loss poisson_nll_loss binary_cross_entropy".split(),
        _loss(_broadcast_of(*_PAIR), "target"),
    ),
    **dict.fromkeys(("kl_div", "binary_cross_entropy_with_logits", "soft_margin_loss"), _loss(_broadcast_of(*_PAIR))),
    **dict.fromkeys(
        ("cross_entropy", "cross_entropy_loss", "nll_loss", "nll_loss2d", "nll_loss_nd"), _loss(_row_shape)
    ),
    **dict.fromkeys(("nll_loss_forward", "nll_loss2d_forward"), _nll_forward),
    **dict.fromkeys(("multilabel_soft_margin_loss", "multi_margin_loss", "multilabel_margin_loss"), _loss(_row_count)),
    **dict.fromkeys(
        ("triplet_margin_loss", "triplet_margin_with_distance_loss"), _loss(_triplet_rows, "anchor", dtype_of=_distance)
    ),
    "linear_cross_entropy": _loss(_shape_of_labels),
    "l1_loss": _loss(_broadcast_of(*_PAIR), "target", dtype_of=dtypes.real_of),
    "hinge_embedding_loss": _loss(_broadcast_of(*_PAIR), "target"),
    "margin_ranking_loss": _loss(_broadcast_of("input1", "input2", "target"), "input1", "input2", "target"),
    "cosine_embedding_loss": _loss(_cosine_rows, "input1"),
    "ctc_loss": _loss(_ctc_rows, "log_probs"),
    "gaussian_nll_loss": _loss(_broadcast_of("input", "target", "var"), "target"),
}
