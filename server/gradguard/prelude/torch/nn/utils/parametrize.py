"""torch.nn.utils.parametrize: an attribute that is computed from its originals at each access."""

import contextlib

import _gradguard as gg

from torch.nn import Parameter
from torch.nn.modules.container import ModuleDict, ModuleList


class ParametrizationList(ModuleList):
    def __init__(self, modules, original, unsafe=False):
        super().__init__(modules)
        inverse = original
        for parametrization in reversed(modules):
            if hasattr(parametrization, "right_inverse"):
                inverse = parametrization.right_inverse(inverse)
        if isinstance(inverse, (tuple, list)):
            self._originals = len(inverse)
            for index, part in enumerate(inverse):
                setattr(self, f"original{index}", Parameter(part.detach()))
        else:
            self._originals = 0
            # The parameter itself moves here, so an optimizer that holds it keeps it; `set_` gives it its value (measured).
            if inverse is not original:
                gg.set_data(original, inverse.detach())
            gg.write(original, "set_")
            self.original = original

    def forward(self):
        layers = list(self)
        if self._originals:
            value = layers[0](*[getattr(self, f"original{index}") for index in range(self._originals)])
        else:
            value = layers[0](self.original)
        for layer in layers[1:]:
            value = layer(value)
        return value


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    parametrization.train(module.training)
    if tensor_name in module._computed:
        module._computed[tensor_name].append(parametrization)
        return module
    original = getattr(module, tensor_name)
    delattr(module, tensor_name)
    chain = ParametrizationList([parametrization], original)
    if "parametrizations" not in module.__dict__:
        module.parametrizations = ModuleDict()
    module.parametrizations[tensor_name] = chain
    module._computed = {**module._computed, tensor_name: chain}
    return module


def is_parametrized(module, tensor_name=None):
    return tensor_name in module._computed if tensor_name is not None else bool(module._computed)


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    chain = module._computed[tensor_name]
    value = chain().detach()
    module._computed = {name: other for name, other in module._computed.items() if name != tensor_name}
    del module.parametrizations[tensor_name]
    if not chain._originals:
        if leave_parametrized:
            gg.set_data(chain.original, value)
        setattr(module, tensor_name, chain.original)
    else:
        setattr(module, tensor_name, Parameter(value))
    return module


def cached():
    return contextlib.nullcontext()
