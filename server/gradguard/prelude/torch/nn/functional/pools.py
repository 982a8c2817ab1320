"""torch.nn.functional: pooling."""

import _gradguard as gg

import torch


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    rows = input.unsqueeze(-2)
    size = (1, *gg.per_dimension(kernel_size, 1))
    step = size if stride is None else (1, *gg.per_dimension(stride, 1))
    sides = (0, *gg.per_dimension(padding, 1))
    result, indices = gg.operator(
        "torch._C._nn.max_pool2d_with_indices", rows, size, step, sides, (1, *gg.per_dimension(dilation, 1)), ceil_mode
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
    both = gg.operator("torch._C._nn.adaptive_max_pool2d", input, gg.per_dimension(output_size, 2))
    return both if gg.sure(return_indices) else both[0]


def adaptive_max_pool3d(input, output_size, return_indices=False):
    both = gg.operator("torch._C._nn.adaptive_max_pool3d", input, gg.per_dimension(output_size, 3))
    return both if gg.sure(return_indices) else both[0]


def adaptive_max_pool1d(input, output_size, return_indices=False):
    size = (1, *gg.per_dimension(output_size, 1))
    result, indices = gg.operator("torch._C._nn.adaptive_max_pool2d", input.unsqueeze(-2), size)
    return (result.squeeze(-2), indices.squeeze(-2)) if gg.sure(return_indices) else result.squeeze(-2)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    size = (1, *gg.per_dimension(kernel_size, 1))
    step = size if stride is None else (1, *gg.per_dimension(stride, 1))
    sides = (0, *gg.per_dimension(padding, 1))
    pooled = gg.operator(
        "torch._C._nn.avg_pool2d", input.unsqueeze(-2), size, step, sides, ceil_mode, count_include_pad
    )
    return pooled.squeeze(-2)


# A single output per channel is a mean, which saves nothing (measured).


def adaptive_avg_pool1d(input, output_size):
    return adaptive_avg_pool2d(input.unsqueeze(-2), (1, *gg.per_dimension(output_size, 1))).squeeze(-2)


def adaptive_avg_pool2d(input, output_size):
    size = gg.per_dimension(output_size, 2)
    if gg.is_unknown(size == (1, 1)):
        return gg.operator("torch.nn.functional.adaptive_avg_pool2d", input, output_size)
    return (
        input.mean((-1, -2), keepdim=True) if size == (1, 1) else torch._adaptive_avg_pool2d(input, _kept(input, size))
    )


def adaptive_avg_pool3d(input, output_size):
    size = gg.per_dimension(output_size, 3)
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
