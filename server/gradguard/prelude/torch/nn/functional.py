"""torch.nn.functional where Python decides: `inplace`, `training`, modes, and routes that depend on the rank.

All other functions are the catalog's operators, under their own names.
"""

import math

import _gradguard as gg

import torch
from torch.nn.modules.attention import multi_head_attention_forward, scaled_dot_product_attention
from torch.nn.modules.sizes import per_dimension


def linear(input, weight, bias=None):
    rank = input.dim()
    if gg.is_unknown(rank) or gg.is_unknown(weight):
        return gg.operator("torch.nn.functional.linear", input, weight, bias)
    if rank == 2:
        return torch.mm(input, weight.t()) if bias is None else torch.addmm(bias, input, weight.t())
    if rank == 1:
        return linear(input.unsqueeze(0), weight, bias).squeeze_(0)
    # Rows are multiplied flat. An input that cannot be flattened as a view is copied, so it is not saved itself; only the
    # fused form returns a view (measured).
    flat = input.reshape(-1, input.size(-1))
    shape = (*input.shape[:-1], weight.size(0))
    if bias is not None and input.is_contiguous():
        return torch.addmm(bias, flat, weight.t()).view(shape)
    rows = torch._unsafe_view(torch.mm(flat, weight.t()), shape)
    return rows if bias is None else rows + bias


# Activations


def relu(input, inplace=False):
    return torch.relu_(input) if gg.sure(inplace) else torch.relu(input)


def relu6(input, inplace=False):
    # Its own node is hardtanh's (measured).
    return hardtanh(input, 0.0, 6.0, inplace)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    if gg.sure(inplace):
        return gg.operator("torch._C._nn.hardtanh_", input, min_val, max_val)
    return gg.operator("torch._C._nn.hardtanh", input, min_val, max_val)


def hardswish(input, inplace=False):
    return (
        gg.operator("torch._C._nn.hardswish_", input)
        if gg.sure(inplace)
        else gg.operator("torch._C._nn.hardswish", input)
    )


def hardsigmoid(input, inplace=False):
    name = "torch._C._nn.hardsigmoid_" if gg.sure(inplace) else "torch._C._nn.hardsigmoid"
    return gg.operator(name, input)


def silu(input, inplace=False):
    return gg.operator("torch._C._nn.silu_", input) if gg.sure(inplace) else gg.operator("torch._C._nn.silu", input)


def mish(input, inplace=False):
    return gg.operator("torch._C._nn.mish_", input) if gg.sure(inplace) else gg.operator("torch._C._nn.mish", input)


def elu(input, alpha=1.0, inplace=False):
    return (
        gg.operator("torch._C._nn.elu_", input, alpha)
        if gg.sure(inplace)
        else gg.operator("torch._C._nn.elu", input, alpha)
    )


def celu(input, alpha=1.0, inplace=False):
    return torch.celu_(input, alpha) if gg.sure(inplace) else torch.celu(input, alpha)


def selu(input, inplace=False):
    # It is elu with two constants (measured).
    return elu(input, 1.67326, inplace)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    name = "torch._C._nn.leaky_relu_" if gg.sure(inplace) else "torch._C._nn.leaky_relu"
    return gg.operator(name, input, negative_slope)


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    name = "torch._C._nn.rrelu_with_noise_" if gg.sure(inplace) else "torch._C._nn.rrelu_with_noise"
    return gg.operator(name, input, torch.empty_like(input), lower, upper, training)


def threshold(input, threshold, value, inplace=False):
    return torch.threshold_(input, threshold, value) if gg.sure(inplace) else torch.threshold(input, threshold, value)


def tanhshrink(input):
    return input - input.tanh()


def softsign(input):
    return input / (input.abs() + 1)


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    result = input.softmax(_softmax_dim(input, dim))
    return result if dtype is None else result.to(dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return (-input).softmax(_softmax_dim(input, dim))


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    result = input.log_softmax(_softmax_dim(input, dim))
    return result if dtype is None else result.to(dtype)


def _softmax_dim(input, dim):
    if dim is not None:
        return dim
    return 0 if input.dim() in (0, 1, 3) else 1


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not gg.sure(hard):
        return soft
    index = soft.max(dim, keepdim=True)[1]
    one_hot = torch.zeros_like(logits).scatter_(dim, index, 1.0)
    return one_hot - soft.detach() + soft


# Dropout: off, it hands back the very tensor it was given; on, it multiplies by a private mask


def dropout(input, p=0.5, training=True, inplace=False):
    if gg.sure(not training) or gg.sure(p == 0):
        return input
    mask = torch.empty_like(input)
    return input.mul_(mask) if gg.sure(inplace) else input * mask


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    if gg.sure(not training) or gg.sure(p == 0):
        return input
    mask = torch.empty_like(input)
    return input.mul_(mask).add_(mask) if gg.sure(inplace) else input * mask + mask


def dropout1d(input, p=0.5, training=True, inplace=False):
    return dropout(input, p, training, inplace)


def dropout2d(input, p=0.5, training=True, inplace=False):
    return dropout(input, p, training, inplace)


def dropout3d(input, p=0.5, training=True, inplace=False):
    return dropout(input, p, training, inplace)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    return alpha_dropout(input, p, training, inplace)


# Normalisation


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    # In training the running statistics change too, without a version that would tell (measured). The derivative then reads
    # the batch's own, so nothing is wrong with a second forward.
    return torch.native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum or 0.0, eps)[0]


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    return torch.native_layer_norm(input, normalized_shape, weight, bias, eps)[0]


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    samples, channels = input.size(0), input.size(1)
    rest = input.numel() // (samples * channels)
    return torch.native_group_norm(input, weight, bias, samples, channels, rest, num_groups, eps)[0]


def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    # A batch norm over all channels of all samples, with copies of everything but the input; its result is a view.
    if gg.is_unknown(input.dim()):
        return gg.operator("torch.nn.functional.instance_norm", input, weight=weight, bias=bias)
    samples = input.size(0)
    rows = input.contiguous().view((1, samples * input.size(1), *input.shape[2:]))
    copies = [None if part is None else part.repeat(samples) for part in (weight, bias, running_mean, running_var)]
    result = torch.native_batch_norm(rows, *copies, use_input_stats, momentum or 0.0, eps)[0]
    if use_input_stats and running_mean is not None:
        # Unlike batch_norm's, these statistics are copied in, and their versions move (measured).
        previous = gg.grad_enabled()
        gg.set_grad_enabled(False)
        gg.write(running_mean, "copy_")
        gg.write(running_var, "copy_")
        gg.set_grad_enabled(previous)
    return result.view(input.shape)


# Embeddings


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    if max_norm is not None:
        _renormalise(weight)
    return torch.embedding(weight, input, -1 if padding_idx is None else padding_idx, scale_grad_by_freq, sparse)


def _renormalise(weight):
    # Rows longer than `max_norm` are scaled in place, under no_grad, at each forward (measured).
    previous = gg.grad_enabled()
    gg.set_grad_enabled(False)
    gg.write(weight, "embedding_renorm_")
    gg.set_grad_enabled(previous)


def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    if max_norm is not None:
        _renormalise(weight)
    return gg.operator(
        "torch.nn.functional.embedding_bag", input, weight, offsets, mode=mode, per_sample_weights=per_sample_weights
    )


# Convolution


def same_padding(kernel_size, dilation):
    """The padding of `same`, last dimension first, two sides each."""
    sides = []
    for size, step in reversed(list(zip(kernel_size, dilation))):
        total = step * (size - 1)
        sides += [total // 2, total - total // 2]
    return tuple(sides)


def both_sides(padding):
    """A padding given per dimension as `pad` wants it: last dimension first, both sides."""
    return tuple([side for size in reversed(padding) for side in (size, size)])


def _convolution(spatial, input, weight, bias, stride, padding, dilation, groups, transposed=False, output_padding=0):
    if gg.sure(padding == "valid"):
        padding = 0
    elif gg.sure(padding == "same"):
        sides = same_padding(weight.shape[2:], per_dimension(dilation, spatial))
        # Where the two sides differ the input is padded first, and the copy is what is saved (measured).
        if sides[0::2] != sides[1::2]:
            input = pad(input, sides)
            padding = 0
        else:
            padding = tuple(reversed(sides[0::2]))
    stride, padding, dilation = [per_dimension(value, spatial) for value in (stride, padding, dilation)]
    alone = gg.sure(input.dim() == spatial + 1)
    result = torch.convolution(
        input.unsqueeze(0) if alone else input,
        weight,
        bias,
        stride,
        padding,
        dilation,
        transposed,
        per_dimension(output_padding, spatial),
        groups,
    )
    return result.squeeze(0) if alone else result


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return _convolution(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return _convolution(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return _convolution(3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return _convolution(1, input, weight, bias, stride, padding, dilation, groups, True, output_padding)


def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return _convolution(2, input, weight, bias, stride, padding, dilation, groups, True, output_padding)


def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    return _convolution(3, input, weight, bias, stride, padding, dilation, groups, True, output_padding)


# Pooling


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    rows = input.unsqueeze(-2)
    size = (1, *per_dimension(kernel_size, 1))
    step = size if stride is None else (1, *per_dimension(stride, 1))
    sides = (0, *per_dimension(padding, 1))
    result, indices = gg.operator(
        "torch._C._nn.max_pool2d_with_indices", rows, size, step, sides, (1, *per_dimension(dilation, 1)), ceil_mode
    )
    return (result.squeeze(-2), indices.squeeze(-2)) if gg.sure(return_indices) else result.squeeze(-2)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    stride = kernel_size if stride is None else stride
    both = gg.operator("torch._C._nn.max_pool2d_with_indices", input, kernel_size, stride, padding, dilation, ceil_mode)
    return both if gg.sure(return_indices) else both[0]


def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    stride = kernel_size if stride is None else stride
    both = gg.operator("torch._C._nn.max_pool3d_with_indices", input, kernel_size, stride, padding, dilation, ceil_mode)
    return both if gg.sure(return_indices) else both[0]


def adaptive_max_pool2d(input, output_size, return_indices=False):
    both = gg.operator("torch._C._nn.adaptive_max_pool2d", input, per_dimension(output_size, 2))
    return both if gg.sure(return_indices) else both[0]


def adaptive_max_pool3d(input, output_size, return_indices=False):
    both = gg.operator("torch._C._nn.adaptive_max_pool3d", input, per_dimension(output_size, 3))
    return both if gg.sure(return_indices) else both[0]


def adaptive_max_pool1d(input, output_size, return_indices=False):
    size = (1, *per_dimension(output_size, 1))
    result, indices = gg.operator("torch._C._nn.adaptive_max_pool2d", input.unsqueeze(-2), size)
    return (result.squeeze(-2), indices.squeeze(-2)) if gg.sure(return_indices) else result.squeeze(-2)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    size = (1, *per_dimension(kernel_size, 1))
    step = size if stride is None else (1, *per_dimension(stride, 1))
    sides = (0, *per_dimension(padding, 1))
    pooled = gg.operator(
        "torch._C._nn.avg_pool2d", input.unsqueeze(-2), size, step, sides, ceil_mode, count_include_pad
    )
    return pooled.squeeze(-2)


# A single output per channel is a mean, which saves nothing (measured).


def adaptive_avg_pool1d(input, output_size):
    return adaptive_avg_pool2d(input.unsqueeze(-2), (1, *per_dimension(output_size, 1))).squeeze(-2)


def adaptive_avg_pool2d(input, output_size):
    size = per_dimension(output_size, 2)
    if gg.is_unknown(size == (1, 1)):
        return gg.operator("torch.nn.functional.adaptive_avg_pool2d", input, output_size)
    return (
        input.mean((-1, -2), keepdim=True) if size == (1, 1) else torch._adaptive_avg_pool2d(input, _kept(input, size))
    )


def adaptive_avg_pool3d(input, output_size):
    size = per_dimension(output_size, 3)
    if gg.is_unknown(size == (1, 1, 1)):
        return gg.operator("torch.nn.functional.adaptive_avg_pool3d", input, output_size)
    if size == (1, 1, 1):
        return input.mean((-1, -2, -3), keepdim=True)
    return torch._adaptive_avg_pool3d(input, _kept(input, size))


def _kept(input, size):
    """None in an output size keeps the input's."""
    return tuple(
        [given if gg.sure(wanted is None) else wanted for wanted, given in zip(size, input.shape[-len(size) :])]
    )


# Padding and resampling


def pad(input, pad, mode="constant", value=None):
    # A circular pad copies slices into a new tensor, which keeps as little as a constant one (measured).
    if mode == "constant" or mode == "circular":
        return torch.constant_pad_nd(input, tuple(pad), value or 0.0)
    kind = "reflection" if mode == "reflect" else "replication"
    return gg.operator(f"torch._C._nn.{kind}_pad{len(pad) // 2}d", input, tuple(pad))


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    rank = input.dim()
    if gg.is_unknown(rank) or gg.is_unknown(mode):
        return gg.unknown() if gg.is_unknown(mode) else gg.operator(_NEAREST[1], input, gg.unknown(), None, None)
    spatial = rank - 2
    size = _target_size(input, spatial, size, scale_factor)
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[spatial - 1](input, size)
    scales = [None] * spatial
    if mode == "nearest":
        return gg.operator(_NEAREST[spatial - 1], input, size, *scales)
    if mode == "nearest-exact":
        return gg.operator(f"torch._C._nn._upsample_nearest_exact{spatial}d", input, size, *scales)
    kind = {"bilinear": "bilinear2d", "linear": "linear1d", "trilinear": "trilinear3d", "bicubic": "bicubic2d"}[mode]
    return gg.operator(f"torch._C._nn.upsample_{kind}", input, size, bool(align_corners), *scales)


_NEAREST = ["torch._C._nn.upsample_nearest1d", "torch._C._nn.upsample_nearest2d", "torch._C._nn.upsample_nearest3d"]


def _target_size(input, spatial, size, scale_factor):
    if size is not None:
        return per_dimension(size, spatial)
    factors = per_dimension(scale_factor, spatial)
    return tuple([math.floor(given * factor) for given, factor in zip(input.shape[2:], factors)])


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, "bilinear", True)


# Losses that torch writes in Python


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    difference = (input - target).abs()
    return difference if reduction == "none" else difference.mean() if reduction == "mean" else difference.sum()
