"""typing: what a program does with it when it runs."""

from collections import _field, _NamedTuple

import _gradguard as gg

TYPE_CHECKING = False


class Generic:
    def __class_getitem__(cls, item):
        return cls


class Protocol:
    def __class_getitem__(cls, item):
        return cls


class TypedDict(dict):
    pass


class NamedTuple(_NamedTuple):
    def __init_subclass__(cls):
        names = tuple(cls.__dict__.get("__annotations__", ()))
        if names:
            cls._defaults = tuple([cls.__dict__[name] for name in names if name in cls.__dict__])
            cls._fields = names
            for index, name in enumerate(names):
                setattr(cls, name, _field(index))


def cast(typ, val):
    return val


def overload(func):
    return func


def final(f):
    return f


def override(f):
    return f


def runtime_checkable(cls):
    return cls


def no_type_check(arg):
    return arg


def NewType(name, tp):
    return lambda value: value


def TypeVar(name, *constraints, **options):
    return gg.unknown()


def assert_never(arg):
    pass


def get_type_hints(obj, *args, **kwargs):
    return gg.unknown()
