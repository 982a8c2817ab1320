"""Padding."""

import _gradguard as gg

import torch.nn.functional as F
from torch.nn.modules.module import Module


class _Pad(Module):
    mode = "constant"
    sides = 4
    value = 0.0

    def __init__(self, padding):
        self.padding = gg.per_dimension(padding, self.sides)

    def forward(self, input):
        return F.pad(input, self.padding, self.mode, self.value)


class _ConstantPad(_Pad):
    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value


class ConstantPad1d(_ConstantPad):
    sides = 2


class ConstantPad2d(_ConstantPad):
    pass


class ConstantPad3d(_ConstantPad):
    sides = 6


class ZeroPad1d(_Pad):
    sides = 2


class ZeroPad2d(_Pad):
    pass


class ZeroPad3d(_Pad):
    sides = 6


class CircularPad1d(_Pad):
    mode = "circular"
    sides = 2


class CircularPad2d(_Pad):
    mode = "circular"


class CircularPad3d(_Pad):
    mode = "circular"
    sides = 6


class ReflectionPad1d(_Pad):
    mode = "reflect"
    sides = 2


class ReflectionPad2d(_Pad):
    mode = "reflect"


class ReflectionPad3d(_Pad):
    mode = "reflect"
    sides = 6


class ReplicationPad1d(_Pad):
    mode = "replicate"
    sides = 2


class ReplicationPad2d(_Pad):
    mode = "replicate"


class ReplicationPad3d(_Pad):
    mode = "replicate"
    sides = 6
