"""Calling a module that has hooks."""

import _gradguard as gg

from torch.autograd import Function


class BackwardHookFunction(Function):
    """Returns its inputs as they are, so that they become views no write may touch (measured)."""

    @staticmethod
    def forward(ctx, *tensors):
        ctx.mark_non_differentiable(*[tensor for tensor in tensors if not tensor.requires_grad])
        return tensors

    @staticmethod
    def backward(ctx, *gradients):
        return gradients


def call_with_hooks(module, args, kwargs):
    for hook in [hook for hook in module._hooks if hook.kind == "before"]:
        args, kwargs = _before(module, hook, args, kwargs)
    full = [hook for hook in module._hooks or [] if hook.kind in ("backward", "backward_pre")]
    if full:
        args = _wrapped(args)
    output = module.forward(*args, **kwargs)
    for hook in [hook for hook in module._hooks or [] if hook.kind == "after"]:
        changed = (
            hook.function(module, args, kwargs, output) if hook.with_kwargs else hook.function(module, args, output)
        )
        if changed is not None and not gg.is_unknown(changed):
            output = changed
    if full:
        output = _wrapped_output(module, full, output)
    return output


def _before(module, hook, args, kwargs):
    if hook.with_kwargs:
        changed = hook.function(module, args, kwargs)
        return (args, kwargs) if changed is None or gg.is_unknown(changed) else changed
    changed = hook.function(module, args)
    if changed is None or gg.is_unknown(changed):
        return args, kwargs
    return (changed if isinstance(changed, tuple) else (changed,)), kwargs


def _wrapped(values):
    tensors = [value for value in values if gg.is_tensor(value)]
    if not gg.grad_enabled() or not any(tensor.requires_grad for tensor in tensors):
        return values
    wrapped = iter(BackwardHookFunction.apply(*tensors))
    return tuple([next(wrapped) if gg.is_tensor(value) else value for value in values])


def _wrapped_output(module, hooks, output):
    several = isinstance(output, (tuple, list))
    outputs = _wrapped(output if several else (output,))
    for hook in hooks:
        for tensor in outputs:
            if gg.is_tensor(tensor) and tensor.requires_grad:
                gg.register_hook("tensor", tensor, _gradient_hook(module, hook))
    return outputs if several else outputs[0]


def _gradient_hook(module, hook):
    if hook.kind == "backward_pre":
        return lambda gradient: hook.function(module, (gradient,))
    return lambda gradient: hook.function(module, (gg.unknown(),), (gradient,))
