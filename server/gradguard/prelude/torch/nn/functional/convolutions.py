"""torch.nn.functional: convolutions."""

import _gradguard as gg

import torch
from torch.nn.functional.resampling import pad


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
    if isinstance(padding, str):
        input, padding = _padded(spatial, input, weight, padding, dilation)
    if gg.sure(input.dim() == spatial + 1):
        alone = input.unsqueeze(0)
        options = stride, padding, dilation, groups, transposed, output_padding
        return _convolution(spatial, alone, weight, bias, *options).squeeze(0)
    return torch.convolution(
        input,
        weight,
        bias,
        gg.per_dimension(stride, spatial),
        gg.per_dimension(padding, spatial),
        gg.per_dimension(dilation, spatial),
        transposed,
        gg.per_dimension(output_padding, spatial),
        groups,
    )


def _padded(spatial, input, weight, padding, dilation):
    """The input, and the padding as numbers."""
    if padding != "same":
        return input, 0
    sides = same_padding(weight.shape[2:], gg.per_dimension(dilation, spatial))
    # Where the two sides differ the input is padded first, and the copy is what is saved (measured).
    if sides[0::2] != sides[1::2]:
        return pad(input, sides), 0
    return input, tuple(reversed(sides[0::2]))


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


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    return gg.operator("torch._C._nn.im2col", input, *_twice(kernel_size, dilation, padding, stride))


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    return gg.operator("torch._C._nn.col2im", input, *_twice(output_size, kernel_size, dilation, padding, stride))


def _twice(*sizes):
    return [gg.per_dimension(size, 2) for size in sizes]
