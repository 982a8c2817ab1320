"""torch.func: a transformed function hides its tensors behind a transform; what it returns is not followed."""

import _gradguard as gg

from torch.nn.utils.stateless import functional_call


def _transformed(function, *args, **kwargs):
    return lambda *inputs, **options: gg.unknown()


vmap = _transformed
grad = _transformed
grad_and_value = _transformed
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
