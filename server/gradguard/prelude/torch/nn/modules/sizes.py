"""Sizes given once for all spatial dimensions or once for each."""

import _gradguard as gg


def per_dimension(value, count):
    return tuple(value) if gg.sure(isinstance(value, (tuple, list))) else (value,) * count
