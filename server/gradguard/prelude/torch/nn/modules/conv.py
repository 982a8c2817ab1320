"""Convolutions."""

import _gradguard as gg

import torch.nn.functional as F
from torch.nn.modules.module import Module


class _ConvNd(Module):
    spatial = 2
    transposed = False

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        self._set_up(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode)
        self._make_weights(bias, dtype)

    def _set_up(self, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode):
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = gg.per_dimension(kernel_size, self.spatial)
        self.stride = gg.per_dimension(stride, self.spatial)
        self.padding = padding if isinstance(padding, str) else gg.per_dimension(padding, self.spatial)
        self.dilation = gg.per_dimension(dilation, self.spatial)
        self.groups = groups
        self.padding_mode = padding_mode

    def _make_weights(self, bias, dtype):
        if self.transposed:
            channels = (self.in_channels, self.out_channels // self.groups)
        else:
            channels = (self.out_channels, self.in_channels // self.groups)
        self.weight = gg.parameter(gg.initialised((*channels, *self.kernel_size), dtype))
        self.bias = gg.parameter(gg.initialised((self.out_channels,), dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        pass

    @property
    def _reversed_padding_repeated_twice(self):
        return F.same_padding(self.kernel_size, self.dilation) if self.padding == "same" else F.both_sides(self.padding)

    def _convolve(self, function, input, weight, bias):
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            return function(input, weight, bias, self.stride, 0, self.dilation, self.groups)
        return function(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)

    def forward(self, input):
        return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_ConvNd):
    spatial = 1

    def _conv_forward(self, input, weight, bias):
        return self._convolve(F.conv1d, input, weight, bias)


class Conv2d(_ConvNd):
    def _conv_forward(self, input, weight, bias):
        return self._convolve(F.conv2d, input, weight, bias)


class Conv3d(_ConvNd):
    spatial = 3

    def _conv_forward(self, input, weight, bias):
        return self._convolve(F.conv3d, input, weight, bias)


class _ConvTransposeNd(_ConvNd):
    transposed = True

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        self._set_up(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode)
        self.output_padding = gg.per_dimension(output_padding, self.spatial)
        self._make_weights(bias, dtype)

    def _transpose(self, function, input, output_size):
        # The wanted size only chooses the output padding, which changes the result's shape.
        extra = self.output_padding if output_size is None else gg.unknown()
        return function(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)


class ConvTranspose1d(_ConvTransposeNd):
    spatial = 1

    def forward(self, input, output_size=None):
        return self._transpose(F.conv_transpose1d, input, output_size)


class ConvTranspose2d(_ConvTransposeNd):
    def forward(self, input, output_size=None):
        return self._transpose(F.conv_transpose2d, input, output_size)


class ConvTranspose3d(_ConvTransposeNd):
    spatial = 3

    def forward(self, input, output_size=None):
        return self._transpose(F.conv_transpose3d, input, output_size)


# The lazy forms learn `in_channels` at the first call; until then it is an unknown size.


class LazyConv1d(Conv1d):
    def __init__(self, out_channels, *args, **kwargs):
        super().__init__(gg.unknown(), out_channels, *args, **kwargs)


class LazyConv2d(Conv2d):
    def __init__(self, out_channels, *args, **kwargs):
        super().__init__(gg.unknown(), out_channels, *args, **kwargs)


class LazyConv3d(Conv3d):
    def __init__(self, out_channels, *args, **kwargs):
        super().__init__(gg.unknown(), out_channels, *args, **kwargs)


class LazyConvTranspose1d(ConvTranspose1d):
    def __init__(self, out_channels, *args, **kwargs):
        super().__init__(gg.unknown(), out_channels, *args, **kwargs)


class LazyConvTranspose2d(ConvTranspose2d):
    def __init__(self, out_channels, *args, **kwargs):
        super().__init__(gg.unknown(), out_channels, *args, **kwargs)


class LazyConvTranspose3d(ConvTranspose3d):
    def __init__(self, out_channels, *args, **kwargs):
        super().__init__(gg.unknown(), out_channels, *args, **kwargs)
