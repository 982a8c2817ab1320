"""torch.nn.utils.spectral_norm: a hook before each forward divides the weight by its spectral norm."""

import _gradguard as gg

import torch
from torch.nn import Parameter


class SpectralNorm:
    def __init__(self, name, n_power_iterations, dim):
        self.name = name
        self.n_power_iterations = n_power_iterations
        self.dim = dim

    def compute_weight(self, module, do_power_iteration):
        weight = getattr(module, self.name + "_orig")
        u = getattr(module, self.name + "_u")
        v = getattr(module, self.name + "_v")
        matrix = as_matrix(weight, self.dim)
        if do_power_iteration:
            # Written in place, then cloned for the graph: two forwards and one backward are fine (measured).
            iterate(v, u)
            u = u.clone()
            v = v.clone()
        return weight / torch.dot(u, torch.mv(matrix, v))

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module, module.training))


def as_matrix(weight, dim):
    if dim != 0:
        weight = weight.transpose(0, dim)
    return weight.flatten(1)


def iterate(*vectors):
    for vector in vectors:
        gg.write(vector, "div_")


def default_dim(module):
    return 1 if type(module).__name__.startswith("ConvTranspose") else 0


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    hook = SpectralNorm(name, n_power_iterations, default_dim(module) if dim is None else dim)
    weight = getattr(module, name)
    rows, columns = as_matrix(weight.detach(), hook.dim).shape
    delattr(module, name)
    setattr(module, name + "_orig", weight)
    setattr(module, name, weight.data)
    module.register_buffer(name + "_u", gg.new_tensor((rows,)))
    module.register_buffer(name + "_v", gg.new_tensor((columns,)))
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module, name="weight"):
    for handle in module._hooks or []:
        if isinstance(handle.function, SpectralNorm) and handle.function.name == name:
            handle.remove()
    weight = getattr(module, name + "_orig")
    for suffix in ("", "_orig", "_u", "_v"):
        delattr(module, name + suffix)
    setattr(module, name, Parameter(weight.detach().clone()))
    return module
