"""torch.nn.init: every function writes its tensor in place under no_grad and returns it."""

import _gradguard as gg


def _fill(tensor, operator):
    gg.write(tensor, operator)
    return tensor


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    return _fill(tensor, "uniform_")


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    return _fill(tensor, "normal_")


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    return _fill(tensor, "uniform_")


def constant_(tensor, val):
    return _fill(tensor, "fill_")


def ones_(tensor):
    return _fill(tensor, "fill_")


def zeros_(tensor):
    return _fill(tensor, "zero_")


def eye_(tensor):
    return _fill(tensor, "copy_")


def dirac_(tensor, groups=1):
    return _fill(tensor, "zero_")


def xavier_uniform_(tensor, gain=1.0, generator=None):
    return _fill(tensor, "uniform_")


def xavier_normal_(tensor, gain=1.0, generator=None):
    return _fill(tensor, "normal_")


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    return _fill(tensor, "uniform_")


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    return _fill(tensor, "normal_")


def orthogonal_(tensor, gain=1, generator=None):
    return _fill(tensor, "copy_")


def sparse_(tensor, sparsity, std=0.01, generator=None):
    return _fill(tensor, "normal_")


def calculate_gain(nonlinearity, param=None):
    return gg.unknown()


def _calculate_fan_in_and_fan_out(tensor):
    receptive = 1
    for size in tensor.shape[2:]:
        receptive = receptive * size
    return tensor.size(1) * receptive, tensor.size(0) * receptive


def _calculate_correct_fan(tensor, mode):
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == "fan_in" else fan_out


def _no_grad_fill_(tensor, val):
    return _fill(tensor, "fill_")


def _no_grad_zero_(tensor):
    return _fill(tensor, "zero_")


def _no_grad_normal_(tensor, mean, std, generator=None):
    return _fill(tensor, "normal_")


def _no_grad_uniform_(tensor, a, b, generator=None):
    return _fill(tensor, "uniform_")


# The names without an underscore are old spellings.
uniform = uniform_
normal = normal_
constant = constant_
eye = eye_
dirac = dirac_
xavier_uniform = xavier_uniform_
xavier_normal = xavier_normal_
kaiming_uniform = kaiming_uniform_
kaiming_normal = kaiming_normal_
orthogonal = orthogonal_
sparse = sparse_
