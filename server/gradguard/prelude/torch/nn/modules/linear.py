"""Linear layers."""

import _gradguard as gg

import torch.nn.functional as F
from torch.nn.modules.module import Module


class Identity(Module):
    def __init__(self, *args, **kwargs):
        pass

    def forward(self, input):
        return input


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        self.in_features = in_features
        self.out_features = out_features
        self.weight = gg.parameter(gg.initialised((out_features, in_features), dtype))
        self.bias = gg.parameter(gg.initialised((out_features,), dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        pass

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)


class NonDynamicallyQuantizableLinear(Linear):
    pass


class LazyLinear(Linear):
    def __init__(self, out_features, bias=True, device=None, dtype=None):
        super().__init__(gg.unknown(), out_features, bias, device, dtype)
        self.in_features = 0


class Bilinear(Module):
    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None):
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = gg.parameter(gg.initialised((out_features, in1_features, in2_features), dtype))
        self.bias = gg.parameter(gg.initialised((out_features,), dtype)) if bias else None

    def forward(self, input1, input2):
        return F.bilinear(input1, input2, self.weight, self.bias)
