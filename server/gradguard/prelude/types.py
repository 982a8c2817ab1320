"""types: bags of attributes, and a few names of Python's own types."""

from functools import partial


class SimpleNamespace:
    def __init__(self, *mapping, **kwargs):
        for values in (*mapping, kwargs):
            for name, value in values.items():
                setattr(self, name, value)


def MethodType(function, instance):
    return partial(function, instance)


def MappingProxyType(mapping):
    return mapping
