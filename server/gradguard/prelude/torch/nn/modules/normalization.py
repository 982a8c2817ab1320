"""Layer, group and root-mean-square normalisation."""

import _gradguard as gg

import torch.nn.functional as F
from torch.nn.modules.module import Module


def _shape(normalized_shape):
    return tuple(normalized_shape) if gg.sure(isinstance(normalized_shape, (tuple, list))) else (normalized_shape,)


class LayerNorm(Module):
    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None, dtype=None):
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = gg.parameter(gg.initialised(self.normalized_shape, dtype)) if elementwise_affine else None
        self.bias = gg.parameter(gg.initialised(self.normalized_shape, dtype)) if elementwise_affine and bias else None
        self.reset_parameters()

    def reset_parameters(self):
        pass

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(Module):
    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = gg.parameter(gg.initialised(self.normalized_shape, dtype)) if elementwise_affine else None
        self.reset_parameters()

    def reset_parameters(self):
        pass

    def forward(self, x):
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)


class GroupNorm(Module):
    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None, *, bias=True):
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self.weight = gg.parameter(gg.initialised((num_channels,), dtype)) if affine else None
        self.bias = gg.parameter(gg.initialised((num_channels,), dtype)) if affine and bias else None
        self.reset_parameters()

    def reset_parameters(self):
        pass

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class LocalResponseNorm(Module):
    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input):
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)


class CrossMapLRN2d(LocalResponseNorm):
    pass
