"""torch.nn.functional: normalisation."""

import _gradguard as gg

import torch


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    # In training the running statistics change too, without a version that would tell (measured). The derivative then reads
    # the batch's own, so nothing is wrong with a second forward.
    return torch.native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum or 0.0, eps)[0]


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    return torch.native_layer_norm(input, normalized_shape, weight, bias, eps)[0]


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    samples, channels = input.size(0), input.size(1)
    rest = input.numel() // (samples * channels)
    return torch.native_group_norm(input, weight, bias, samples, channels, rest, num_groups, eps)[0]


def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    # A batch norm over all channels of all samples, with copies of everything but the input; its result is a view.
    if gg.is_unknown(input.dim()):
        return gg.operator("torch.nn.functional.instance_norm", input, weight=weight, bias=bias)
    samples = input.size(0)
    rows = input.contiguous().view((1, samples * input.size(1), *input.shape[2:]))
    copies = [None if part is None else part.repeat(samples) for part in (weight, bias, running_mean, running_var)]
    result = torch.native_batch_norm(rows, *copies, use_input_stats, momentum or 0.0, eps)[0]
    if use_input_stats and running_mean is not None:
        # Unlike batch_norm's, these statistics are copied in, and their versions move (measured).
        gg.write(running_mean, "copy_")
        gg.write(running_var, "copy_")
    return result.view(input.shape)


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    length = torch.linalg.vector_norm(input, p, dim, True).clamp_min(eps).expand_as(input)
    return input / length if out is None else torch.div(input, length, out=out)
