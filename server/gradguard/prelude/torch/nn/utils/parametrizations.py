"""torch.nn.utils.parametrizations."""

import _gradguard as gg

import torch
from torch.nn.modules.module import Module
from torch.nn.utils import parametrize
from torch.nn.utils.spectral_norm import as_matrix, default_dim, iterate
from torch.nn.utils.weight_norm import length_shape, normalised


class _WeightNorm(Module):
    def __init__(self, dim):
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g, weight_v):
        return normalised(weight_v, weight_g, self.dim)

    def right_inverse(self, weight):
        return gg.new_tensor(length_shape(weight, self.dim)), weight


class _SpectralNorm(Module):
    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        self.dim = dim
        rows, columns = as_matrix(weight.detach(), dim).shape
        # Normalised once, then iterated fifteen times.
        self.register_buffer("_u", gg.initialised((rows,), None, 16))
        self.register_buffer("_v", gg.initialised((columns,), None, 16))

    def forward(self, weight):
        matrix = as_matrix(weight, self.dim)
        if self.training:
            iterate(self._u, self._v)
        u = self._u.clone()
        v = self._v.clone()
        return weight / torch.vdot(u, torch.mv(matrix, v))

    def right_inverse(self, value):
        return value


class _Orthogonal(Module):
    def __init__(self, weight, use_trivialization=True):
        if use_trivialization:
            self.register_buffer("base", gg.initialised(tuple(weight.shape)))

    def forward(self, x):
        lower = x.tril()
        rotation = torch.matrix_exp(lower - lower.mH)
        return self.base @ rotation if "base" in self.__dict__ else rotation

    def right_inverse(self, value):
        return torch.zeros_like(value)


def weight_norm(module, name="weight", dim=0):
    return parametrize.register_parametrization(module, name, _WeightNorm(dim))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    dim = default_dim(module) if dim is None else dim
    norm = _SpectralNorm(getattr(module, name), n_power_iterations, dim)
    return parametrize.register_parametrization(module, name, norm)


def orthogonal(module, name="weight", orthogonal_map=None, *, use_trivialization=True):
    return parametrize.register_parametrization(module, name, _Orthogonal(getattr(module, name), use_trivialization))
