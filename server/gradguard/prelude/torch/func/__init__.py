"""torch.func: `grad` runs the function and its backward; what transformed functions return is not followed."""

import _gradguard as gg

import torch
from torch.nn.utils.stateless import functional_call


def _transformed(function, *args, **kwargs):
    return lambda *inputs, **options: gg.unknown()


def grad(func, argnums=0, has_aux=False):
    def transformed(*args, **kwargs):
        chosen = (argnums,) if isinstance(argnums, int) else argnums
        given = list(args)
        leaves = []
        for position in chosen:
            given[position] = _tracked(args[position], leaves)
        # The transform ignores no_grad around it; inside the function it counts.
        with torch.enable_grad():
            output = func(*given, **kwargs)
        torch.autograd.grad(output[0] if has_aux else output, leaves, allow_unused=True)
        return gg.unknown()

    return transformed


def _tracked(value, leaves):
    """The argument as the function sees it: leaves in the memory of the caller's tensors."""
    if isinstance(value, torch.Tensor):
        leaf = value.detach().requires_grad_()
        leaves.append(leaf)
        return leaf
    if isinstance(value, dict):
        return {name: _tracked(item, leaves) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple([_tracked(item, leaves) for item in value])
    return value


grad_and_value = grad
vmap = _transformed
jacrev = _transformed
jacfwd = _transformed
hessian = _transformed
functionalize = _transformed


def vjp(function, *primals, has_aux=False):
    return gg.unknown()


def jvp(function, primals, tangents, *, has_aux=False):
    return gg.unknown()


def stack_module_state(models):
    return gg.unknown(), gg.unknown()


def replace_all_batch_norm_modules_(root):
    return root
