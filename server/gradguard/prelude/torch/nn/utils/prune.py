"""torch.nn.utils.prune: a hook before each forward multiplies the original weight by a mask, which the product saves."""

import _gradguard as gg


class BasePruningMethod:
    def __init__(self, name):
        self._tensor_name = name

    def apply_mask(self, module):
        return getattr(module, self._tensor_name + "_mask") * getattr(module, self._tensor_name + "_orig")

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))


def _pruned(module, name):
    hooks = [handle.function for handle in module._hooks or [] if isinstance(handle.function, BasePruningMethod)]
    if name in [hook._tensor_name for hook in hooks]:
        module.register_buffer(name + "_mask", gg.new_tensor(tuple(getattr(module, name + "_mask").shape)))
    else:
        original = getattr(module, name)
        delattr(module, name)
        setattr(module, name + "_orig", original)
        module.register_buffer(name + "_mask", gg.initialised(tuple(original.shape)))
        module.register_forward_pre_hook(BasePruningMethod(name))
    setattr(module, name, getattr(module, name + "_mask") * getattr(module, name + "_orig"))
    return module


def identity(module, name):
    return _pruned(module, name)


def random_unstructured(module, name, amount):
    return _pruned(module, name)


def l1_unstructured(module, name, amount, importance_scores=None):
    return _pruned(module, name)


def random_structured(module, name, amount, dim):
    return _pruned(module, name)


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    return _pruned(module, name)


def custom_from_mask(module, name, mask):
    return _pruned(module, name)


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs):
    for module, name in parameters:
        _pruned(module, name)


def remove(module, name):
    for handle in module._hooks or []:
        if isinstance(handle.function, BasePruningMethod) and handle.function._tensor_name == name:
            handle.remove()
    original = getattr(module, name + "_orig")
    gg.set_data(original, getattr(module, name).data)
    for suffix in ("", "_orig", "_mask"):
        delattr(module, name + suffix)
    setattr(module, name, original)
    return module


def is_pruned(module):
    return any(
        isinstance(handle.function, BasePruningMethod) for part in module.modules() for handle in part._hooks or []
    )
