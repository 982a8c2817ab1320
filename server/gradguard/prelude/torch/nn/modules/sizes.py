"""Sizes given once for all spatial dimensions or once for each."""


def per_dimension(value, count):
    if isinstance(value, (tuple, list)):
        return tuple(value)
    return (value,) * count
