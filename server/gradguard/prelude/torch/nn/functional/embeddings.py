"""torch.nn.functional: embeddings."""

import _gradguard as gg

import torch


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    if max_norm is not None:
        _renormalise(weight)
    return torch.embedding(weight, input, -1 if padding_idx is None else padding_idx, scale_grad_by_freq, sparse)


def _renormalise(weight):
    # Rows longer than `max_norm` are scaled in place, under no_grad, at each forward (measured).
    gg.write(weight, "embedding_renorm_")


def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    if max_norm is not None:
        _renormalise(weight)
    if gg.sure(input.dim() == 2):
        # Each row is a bag of its own.
        offsets = torch.arange(0, input.numel(), input.size(1))
        input = input.reshape(-1)
    kind = {"sum": 0, "mean": 1, "max": 2}.get(mode, 1)
    return torch._embedding_bag(
        weight, input, offsets, scale_grad_by_freq, kind, sparse, per_sample_weights, include_last_offset
    )[0]
