"""torch.nn.utils.weight_norm: a hook before each forward computes the weight from its length and direction."""

import _gradguard as gg

import torch
from torch.nn import Parameter


class WeightNorm:
    def __init__(self, name, dim):
        self.name = name
        self.dim = dim

    def compute_weight(self, module):
        return normalised(getattr(module, self.name + "_v"), getattr(module, self.name + "_g"), self.dim)

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module))


def normalised(v, g, dim):
    # One kernel, which keeps both (measured).
    return torch._weight_norm_interface(v, g, dim)[0]


def length_shape(weight, dim):
    return tuple([size if axis == dim else 1 for axis, size in enumerate(weight.shape)])


def weight_norm(module, name="weight", dim=0):
    hook = WeightNorm(name, -1 if dim is None else dim)
    weight = getattr(module, name)
    delattr(module, name)
    setattr(module, name + "_g", gg.parameter(gg.new_tensor(length_shape(weight, dim))))
    setattr(module, name + "_v", Parameter(weight.data))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module, name="weight"):
    for handle in module._hooks or []:
        if isinstance(handle.function, WeightNorm) and handle.function.name == name:
            weight = handle.function.compute_weight(module)
            handle.remove()
            for suffix in ("", "_g", "_v"):
                delattr(module, name + suffix)
            setattr(module, name, Parameter(weight.data))
    return module
