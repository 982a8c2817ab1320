"""Padding, interpolation, sampling grids, and sliding blocks (fold and unfold)."""

from __future__ import annotations

import math
from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes.convolution import window_count
from gradguard.torchfacts.shapes.layout import fresh, fresh_beside, preserved, unlaid
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Unknown,
    per_dimension,
    product,
    shape_of,
    sizes,
    subject,
    tensor,
)


def _pad(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = list(shape_of(own))
    amounts = sizes(arguments, "pad", "padding")
    if len(amounts) % 2 or len(amounts) > 2 * len(shape):
        raise Inconsistent
    for place in range(len(amounts) // 2):
        before, after = amounts[2 * place], amounts[2 * place + 1]
        old = shape[-1 - place]
        shape[-1 - place] = None if before is None or after is None or old is None else old + before + after
    if any(length is not None and length < 0 for length in shape):
        raise Inconsistent
    mode = arguments.get("mode", "constant")
    if "padding" not in arguments and all(amount == 0 for amount in amounts):
        # Padding with a constant by nothing is `clone`; the other modes have kernels of their own.
        if isinstance(mode, Unknown):
            return (unlaid(own.shape, own.dtype),)
        if mode == "constant":
            return (preserved(own, own.dtype),)
    return (fresh_beside((own,), tuple(shape), own.dtype),)


def _scaled(length: int | None, scale: object) -> int | None:
    if length is None or isinstance(scale, (Unknown, Geometry)) or not isinstance(scale, (int, float)):
        return None
    return math.floor(length * float(scale))


def _interpolate(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    spatial = len(shape) - 2
    if spatial < 1:
        raise Inconsistent
    wanted = arguments.get("size", arguments.get("output_size"))
    if wanted is not None and not isinstance(wanted, Unknown):
        lengths = per_dimension(wanted, spatial)
    elif wanted is None and arguments.get("scale_factor", arguments.get("scale_factors")) is not None:
        scale = arguments.get("scale_factor", arguments.get("scale_factors"))
        scales = scale if isinstance(scale, (tuple, list)) else (scale,) * spatial
        lengths = tuple([_scaled(length, one) for length, one in zip(shape[2:], scales, strict=True)])
    else:
        lengths = (None,) * spatial
    return (fresh_beside((own,), (*shape[:2], *lengths), own.dtype),)


def _grid_sample(arguments: Arguments) -> Results:
    own, grid = subject(arguments), tensor(arguments, "grid")
    shape, points = shape_of(own), shape_of(grid)
    if len(shape) != len(points) or len(shape) not in (4, 5):
        raise Inconsistent
    return (fresh_beside((own, grid), (shape[0], shape[1], *points[1:-1]), own.dtype),)


def _affine_grid(arguments: Arguments) -> Results:
    theta = tensor(arguments, "theta")
    wanted = sizes(arguments, "size")
    if len(wanted) not in (4, 5):
        raise Inconsistent
    return (unlaid((wanted[0], *wanted[2:], len(wanted) - 2), theta.dtype),)


def _blocks(arguments: Arguments) -> tuple[tuple[int | None, ...], ...]:
    return tuple(
        [
            per_dimension(arguments.get(name, default), 2)
            for name, default in (("kernel_size", None), ("stride", 1), ("padding", 0), ("dilation", 1))
        ]
    )


def _im2col(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    if len(shape) not in (3, 4):
        raise Inconsistent
    kernel, stride, padding, dilation = _blocks(arguments)
    counts = [window_count(*one) for one in zip(shape[-2:], kernel, stride, padding, dilation, strict=True)]
    return (fresh((*shape[:-3], product((shape[-3], *kernel)), product(tuple(counts))), own.dtype),)


def _col2im(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    if len(shape) not in (2, 3):
        raise Inconsistent
    kernel = _blocks(arguments)[0]
    area = product(kernel)
    channels = shape[-2]
    if channels is not None and area:
        if channels % area:
            raise Inconsistent
        channels //= area
    else:
        channels = None
    size: Shape = per_dimension(arguments.get("output_size"), 2)
    return (fresh((*shape[:-2], channels, *size), own.dtype),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("pad", "constant_pad_nd"), _pad),
    **dict.fromkeys([f"{kind}_pad{spatial}d" for kind in ("reflection", "replication") for spatial in (1, 2, 3)], _pad),
    **dict.fromkeys(("interpolate", "upsample", "upsample_nearest", "upsample_bilinear"), _interpolate),
    **dict.fromkeys(
        """upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d upsample_bilinear2d upsample_bicubic2d
        upsample_trilinear3d _upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d
        _upsample_bilinear2d_aa _upsample_bicubic2d_aa""".split(),
        _interpolate,
    ),
    **dict.fromkeys(("grid_sample", "grid_sampler", "grid_sampler_2d", "grid_sampler_3d"), _grid_sample),
    **dict.fromkeys(("affine_grid", "affine_grid_generator"), _affine_grid),
    "im2col": _im2col,
    "col2im": _col2im,
}
