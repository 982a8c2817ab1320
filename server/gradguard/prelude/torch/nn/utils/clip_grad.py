"""Gradient clipping: writes `.grad` in place under no_grad, never the parameter."""

import _gradguard as gg


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    gg.write_each(gg.gradients(parameters), "mul_")
    return gg.new_tensor(())


def clip_grad_norm(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    return clip_grad_norm_(parameters, max_norm)


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    gg.write_each(gg.gradients(parameters), "mul_")


def clip_grad_value_(parameters, clip_value, foreach=None):
    # The two bounds are two writes (measured).
    gradients = gg.gradients(parameters)
    gg.write_each(gradients, "clamp_min_")
    gg.write_each(gradients, "clamp_max_")


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    return gg.new_tensor(())
