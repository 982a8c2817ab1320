"""torch.nn.functional: activations, by what their `inplace` says."""

import _gradguard as gg

import torch


def relu(input, inplace=False):
    return torch.relu_(input) if gg.sure(inplace) else torch.relu(input)


def relu6(input, inplace=False):
    # Its own node is hardtanh's (measured).
    return hardtanh(input, 0.0, 6.0, inplace)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    if gg.sure(inplace):
        return gg.operator("torch._C._nn.hardtanh_", input, min_val, max_val)
    return gg.operator("torch._C._nn.hardtanh", input, min_val, max_val)


def hardswish(input, inplace=False):
    return (
        gg.operator("torch._C._nn.hardswish_", input)
        if gg.sure(inplace)
        else gg.operator("torch._C._nn.hardswish", input)
    )


def hardsigmoid(input, inplace=False):
    name = "torch._C._nn.hardsigmoid_" if gg.sure(inplace) else "torch._C._nn.hardsigmoid"
    return gg.operator(name, input)


def silu(input, inplace=False):
    return gg.operator("torch._C._nn.silu_", input) if gg.sure(inplace) else gg.operator("torch._C._nn.silu", input)


def mish(input, inplace=False):
    return gg.operator("torch._C._nn.mish_", input) if gg.sure(inplace) else gg.operator("torch._C._nn.mish", input)


def elu(input, alpha=1.0, inplace=False):
    return (
        gg.operator("torch._C._nn.elu_", input, alpha)
        if gg.sure(inplace)
        else gg.operator("torch._C._nn.elu", input, alpha)
    )


def celu(input, alpha=1.0, inplace=False):
    return torch.celu_(input, alpha) if gg.sure(inplace) else torch.celu(input, alpha)


def selu(input, inplace=False):
    # It is elu with two constants (measured).
    return elu(input, 1.67326, inplace)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    name = "torch._C._nn.leaky_relu_" if gg.sure(inplace) else "torch._C._nn.leaky_relu"
    return gg.operator(name, input, negative_slope)


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    name = "torch._C._nn.rrelu_with_noise_" if gg.sure(inplace) else "torch._C._nn.rrelu_with_noise"
    return gg.operator(name, input, torch.empty_like(input), lower, upper, training)


def threshold(input, threshold, value, inplace=False):
    return torch.threshold_(input, threshold, value) if gg.sure(inplace) else torch.threshold(input, threshold, value)


def tanhshrink(input):
    return input - input.tanh()


def softsign(input):
    return input / (input.abs() + 1)


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    return torch._softmax(_cast(input, dtype), _dimension(input, dim), False)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return torch._softmax(-_cast(input, dtype), _dimension(input, dim), False)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    return torch._log_softmax(_cast(input, dtype), _dimension(input, dim), False)


def _cast(input, dtype):
    return input if dtype is None else input.to(dtype)


def _dimension(input, dim):
    if dim is not None:
        return dim
    rank = input.dim()
    return gg.unknown() if gg.is_unknown(rank) else 0 if rank in (0, 1, 3) else 1


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    soft = torch._softmax((logits + noise) / tau, dim, False)
    if not gg.sure(hard):
        return soft
    index = soft.max(dim, keepdim=True)[1]
    one_hot = torch.zeros_like(logits).scatter_(dim, index, 1.0)
    return one_hot - soft.detach() + soft


def sigmoid(input):
    return torch.sigmoid(input)


def tanh(input):
    return torch.tanh(input)


def glu(input, dim=-1):
    return gg.operator("torch._C._nn.glu", input, dim)


def prelu(input, weight):
    # The weight is laid along the channels by a view.
    rank = input.dim()
    if gg.is_unknown(rank):
        return gg.operator("torch.nn.functional.prelu", input, weight)
    channels = weight.numel()
    shape = [channels if axis == 1 else 1 for axis in range(rank)] if rank > 1 else [channels]
    return torch._prelu_kernel(input, weight.view(shape))
