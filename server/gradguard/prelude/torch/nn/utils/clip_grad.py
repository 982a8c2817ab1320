"""Gradient clipping: writes `.grad` in place under no_grad, never the parameter."""

import _gradguard as gg


def _gradients(parameters):
    if gg.is_tensor(parameters):
        parameters = [parameters]
    if gg.is_unknown(parameters):
        return []
    return [parameter.grad for parameter in parameters if gg.is_tensor(parameter.grad)]


def _scale(gradients, operator):
    for gradient in gradients:
        gg.write(gradient, operator)


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    _scale(_gradients(parameters), "mul_")
    return gg.new_tensor(())


def clip_grad_norm(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    return clip_grad_norm_(parameters, max_norm)


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    _scale(_gradients(parameters), "mul_")


def clip_grad_value_(parameters, clip_value, foreach=None):
    # The two bounds are two writes (measured).
    gradients = _gradients(parameters)
    _scale(gradients, "clamp_min_")
    _scale(gradients, "clamp_max_")


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    return gg.new_tensor(())
