"""torch.nn.functional: padding and resampling."""

import math

import _gradguard as gg

import torch
from torch.nn.functional.pools import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d


def pad(input, pad, mode="constant", value=None):
    # A circular pad copies slices into a new tensor, which keeps as little as a constant one (measured).
    if mode == "constant" or mode == "circular":
        return torch.constant_pad_nd(input, tuple(pad), value or 0.0)
    kind = "reflection" if mode == "reflect" else "replication"
    return gg.operator(f"torch._C._nn.{kind}_pad{len(pad) // 2}d", input, tuple(pad))


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    rank = input.dim()
    if gg.is_unknown(rank) or gg.is_unknown(mode):
        return gg.unknown() if gg.is_unknown(mode) else gg.operator(_NEAREST[1], input, gg.unknown(), None, None)
    spatial = rank - 2
    size = _target_size(input, spatial, size, scale_factor)
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[spatial - 1](input, size)
    scales = [None] * spatial
    if mode == "nearest":
        return gg.operator(_NEAREST[spatial - 1], input, size, *scales)
    if mode == "nearest-exact":
        return gg.operator(f"torch._C._nn._upsample_nearest_exact{spatial}d", input, size, *scales)
    kind = {"bilinear": "bilinear2d", "linear": "linear1d", "trilinear": "trilinear3d", "bicubic": "bicubic2d"}[mode]
    return gg.operator(f"torch._C._nn.upsample_{kind}", input, size, bool(align_corners), *scales)


_NEAREST = ["torch._C._nn.upsample_nearest1d", "torch._C._nn.upsample_nearest2d", "torch._C._nn.upsample_nearest3d"]


def _target_size(input, spatial, size, scale_factor):
    if size is not None:
        return gg.per_dimension(size, spatial)
    factors = gg.per_dimension(scale_factor, spatial)
    return tuple([math.floor(given * factor) for given, factor in zip(input.shape[2:], factors)])


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, "bilinear", True)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    rank = input.dim()
    if gg.is_unknown(rank):
        return gg.operator("torch.nn.functional.grid_sample", input, grid)
    return (torch.grid_sampler_2d if rank == 4 else torch.grid_sampler_3d)(input, grid, 0, 0, bool(align_corners))


def affine_grid(theta, size, align_corners=None):
    return torch.affine_grid_generator(theta, size, bool(align_corners))
