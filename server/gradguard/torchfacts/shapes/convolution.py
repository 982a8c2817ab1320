"""Convolutions and poolings over one to three spatial dimensions.

Results are contiguous where all operands are; beside channels_last operands the layout is left open.
"""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes.layout import fresh_beside, unlaid
from gradguard.torchfacts.shapes.linear_algebra import agree
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    flag,
    per_dimension,
    shape_of,
    size,
    subject,
    tensor,
)


def window_count(
    length: int | None,
    kernel: int | None,
    stride: int | None,
    padding: int | None,
    dilation: int | None,
    ceil: bool = False,
) -> int | None:
    """How many windows fit into a padded length; None if unknown."""
    if length is None or kernel is None or stride is None or padding is None or dilation is None:
        return None
    if stride < 1:
        raise Inconsistent
    span = length + 2 * padding - dilation * (kernel - 1) - 1
    if ceil:
        count = -(-span // stride) + 1
        # The last window must start inside the input or its left padding.
        if (count - 1) * stride >= length + padding:
            count -= 1
    else:
        count = span // stride + 1
    if count < 0:
        raise Inconsistent
    return count


def convolution_shape(
    shape: Shape, weight: Shape, stride: object, padding: object, dilation: object, groups: object
) -> Shape:
    """The shape of a convolution's result; without a batch dimension if the input has none."""
    spatial = len(weight) - 2
    if spatial < 1 or len(shape) not in (spatial + 1, spatial + 2):
        raise Inconsistent
    channels, count = weight[1], size(groups)
    agree(shape[-spatial - 1], None if channels is None or count is None else channels * count)
    if padding == "same":
        return (*shape[: -spatial - 1], weight[0], *shape[-spatial:])
    pads = per_dimension(0 if padding == "valid" else padding, spatial)
    lengths = [
        window_count(*one)
        for one in zip(
            shape[-spatial:],
            weight[2:],
            per_dimension(stride, spatial),
            pads,
            per_dimension(dilation, spatial),
            strict=True,
        )
    ]
    return (*shape[: -spatial - 1], weight[0], *lengths)


def transposed_shape(
    shape: Shape,
    weight: Shape,
    stride: object,
    padding: object,
    output_padding: object,
    groups: object,
    dilation: object,
) -> Shape:
    """The shape of a transposed convolution's result."""
    spatial = len(weight) - 2
    if spatial < 1 or len(shape) not in (spatial + 1, spatial + 2):
        raise Inconsistent
    agree(shape[-spatial - 1], weight[0])
    lengths: list[int | None] = []
    for one in zip(
        shape[-spatial:], weight[2:], per_dimension(stride, spatial), per_dimension(padding, spatial),
        per_dimension(output_padding, spatial), per_dimension(dilation, spatial), strict=True,
    ):  # fmt: skip
        lengths.append(_grown(*one))
    count = size(groups)
    channels = None if weight[1] is None or count is None else weight[1] * count
    return (*shape[: -spatial - 1], channels, *lengths)


def _grown(
    length: int | None,
    kernel: int | None,
    stride: int | None,
    padding: int | None,
    extra: int | None,
    dilation: int | None,
) -> int | None:
    if length is None or kernel is None or stride is None or padding is None or extra is None or dilation is None:
        return None
    return (length - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1


def _convolution(transposed: bool | None) -> Rule:
    """`conv2d` and its like; `transposed` is None where an argument says it (ATen's `convolution`)."""

    def rule(arguments: Arguments) -> Results:
        own, weight = subject(arguments), tensor(arguments, "weight")
        if own.shape is None or weight.shape is None:
            return (unlaid(None, own.dtype),)
        if flag(arguments, "transposed") if transposed is None else transposed:
            shape = transposed_shape(
                own.shape, weight.shape, arguments.get("stride", 1), arguments.get("padding", 0),
                arguments.get("output_padding", 0), arguments.get("groups", 1), arguments.get("dilation", 1),
            )  # fmt: skip
        else:
            shape = convolution_shape(
                own.shape, weight.shape, arguments.get("stride", 1), arguments.get("padding", 0),
                arguments.get("dilation", 1), arguments.get("groups", 1),
            )  # fmt: skip
        return (fresh_beside((own, weight), shape, own.dtype),)

    return rule


def _pool_shape(arguments: Arguments, own: Geometry, spatial: int) -> Shape:
    shape = shape_of(own)
    if len(shape) not in (spatial + 1, spatial + 2):
        raise Inconsistent
    kernel = per_dimension(arguments.get("kernel_size"), spatial)
    stride = arguments.get("stride")
    ceil = flag(arguments, "ceil_mode")
    steps = kernel if stride is None or stride in ((), []) else per_dimension(stride, spatial)
    lengths = [
        window_count(*one, ceil=ceil)
        for one in zip(
            shape[-spatial:], kernel, steps, per_dimension(arguments.get("padding", 0), spatial),
            per_dimension(arguments.get("dilation", 1), spatial), strict=True,
        )
    ]  # fmt: skip
    return (*shape[:-spatial], *lengths)


def _pool(spatial: int, with_indices: bool | None = False) -> Rule:
    """`with_indices` is None where the argument `return_indices` says it."""

    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        result = fresh_beside((own,), _pool_shape(arguments, own, spatial), own.dtype)
        both = flag(arguments, "return_indices") if with_indices is None else with_indices
        return (result, Geometry(result.shape, result.strides, 0, "int64")) if both else (result,)

    return rule


def _adaptive(spatial: int, with_indices: bool | None = False) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        shape = shape_of(own)
        if len(shape) not in (spatial + 1, spatial + 2):
            raise Inconsistent
        wanted = arguments.get("output_size")
        if not isinstance(wanted, (tuple, list)):
            wanted = (wanted,)
        if len(wanted) == 1:
            wanted = tuple(wanted) * spatial
        # A None asked for keeps the input's size; an unknown one stays unknown.
        lengths = [old if entry is None else size(entry) for old, entry in zip(shape[-spatial:], wanted, strict=True)]
        result = fresh_beside((own,), (*shape[:-spatial], *lengths), own.dtype)
        # ATen's operator gives the indices always, torch.nn.functional's function on request.
        both = flag(arguments, "return_indices", default="self" in arguments) if with_indices is None else with_indices
        return (result, Geometry(result.shape, result.strides, 0, "int64")) if both else (result,)

    return rule


def _lp_pool(spatial: int) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        return (unlaid(_pool_shape(arguments, own, spatial), own.dtype),)

    return rule


def _max_unpool(spatial: int) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        shape = shape_of(own)
        wanted = arguments.get("output_size")
        if isinstance(wanted, (tuple, list)):
            return (unlaid((*shape[:-spatial], *per_dimension(tuple(wanted)[-spatial:], spatial)), own.dtype),)
        if wanted is not None or "kernel_size" not in arguments:
            raise Undetermined
        kernel = per_dimension(arguments["kernel_size"], spatial)
        stride = arguments.get("stride")
        steps = kernel if stride is None else per_dimension(stride, spatial)
        pads = per_dimension(arguments.get("padding", 0), spatial)
        lengths = [_grown(*one, 0, 1) for one in zip(shape[-spatial:], kernel, steps, pads, strict=True)]
        return (unlaid((*shape[:-spatial], *lengths), own.dtype),)

    return rule


def _fractional(spatial: int, with_indices: bool | None = None) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        shape = shape_of(own)
        wanted = arguments.get("output_size")
        if wanted is None:
            lengths: tuple[int | None, ...] = (None,) * spatial
        else:
            lengths = per_dimension(wanted, spatial)
        result = unlaid((*shape[:-spatial], *lengths), own.dtype)
        if with_indices or flag(arguments, "return_indices", default="self" in arguments):
            return result, unlaid(result.shape, "int64")
        return (result,)

    return rule


def _window_rules() -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for spatial in (1, 2, 3):
        rules[f"conv{spatial}d"] = _convolution(transposed=False)
        rules[f"conv_transpose{spatial}d"] = _convolution(transposed=True)
        rules[f"max_pool{spatial}d"] = _pool(spatial, with_indices=None)
        rules[f"max_pool{spatial}d_with_indices"] = _pool(spatial, with_indices=True)
        rules[f"avg_pool{spatial}d"] = _pool(spatial)
        rules[f"lp_pool{spatial}d"] = _lp_pool(spatial)
        rules[f"adaptive_avg_pool{spatial}d"] = rules[f"_adaptive_avg_pool{spatial}d"] = _adaptive(spatial)
        rules[f"max_unpool{spatial}d"] = _max_unpool(spatial)
        rules[f"fractional_max_pool{spatial}d"] = _fractional(spatial)
        rules[f"adaptive_max_pool{spatial}d"] = _adaptive(spatial, with_indices=None)
        rules[f"fractional_max_pool{spatial}d_with_indices"] = _fractional(spatial, with_indices=True)
        rules[f"adaptive_max_pool{spatial}d_with_indices"] = _adaptive(spatial, with_indices=True)
    return rules


RULES: Final[dict[str, Rule]] = {
    **_window_rules(),
    **dict.fromkeys(("convolution", "_convolution", "convolution_overrideable"), _convolution(transposed=None)),
    **dict.fromkeys(("mkldnn_convolution", "thnn_conv2d", "slow_conv3d"), _convolution(transposed=False)),
}
