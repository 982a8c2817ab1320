"""dataclasses."""

_MISSING = object()
MISSING = _MISSING
KW_ONLY = object()


class Field:
    def __init__(self, default, default_factory, init):
        self.default = default
        self.default_factory = default_factory
        self.init = init


def field(*, default=_MISSING, default_factory=_MISSING, init=True, **options):
    return Field(default, default_factory, init)


def dataclass(cls=None, *, init=True, **options):
    if cls is None:
        return lambda found: dataclass(found, init=init, **options)
    if init and "__init__" not in cls.__dict__:
        cls.__init__ = _initialiser(_names(cls), {name: getattr(cls, name, _MISSING) for name in _names(cls)})
    return cls


def _names(cls):
    names = []
    for base in reversed(cls.__mro__):
        for name in base.__dict__.get("__annotations__", ()):
            if name not in names:
                names.append(name)
    return names


def _initialiser(names, defaults):
    given_in_order = [name for name in names if not (isinstance(defaults[name], Field) and not defaults[name].init)]

    def __init__(self, *args, **kwargs):
        given = {**dict(zip(given_in_order, args)), **kwargs}
        for name in names:
            value = given[name] if name in given else _default(defaults[name])
            if value is not _MISSING:
                setattr(self, name, value)
        if hasattr(self, "__post_init__"):
            self.__post_init__()

    return __init__


def _default(default):
    if isinstance(default, Field):
        return default.default if default.default_factory is _MISSING else default.default_factory()
    return default


def fields(class_or_instance):
    cls = class_or_instance if isinstance(class_or_instance, type) else type(class_or_instance)
    return tuple([_Described(name) for name in _names(cls)])


class _Described:
    def __init__(self, name):
        self.name = name


def asdict(obj, *, dict_factory=dict):
    return {name: _plain(getattr(obj, name)) for name in _names(type(obj))}


def _plain(value):
    return asdict(value) if is_dataclass(value) else value


def astuple(obj):
    return tuple([getattr(obj, name) for name in _names(type(obj))])


def replace(obj, **changes):
    return type(obj)(**{**{name: getattr(obj, name) for name in _names(type(obj))}, **changes})


def is_dataclass(obj):
    return not isinstance(obj, type) and "__annotations__" in type(obj).__dict__ if hasattr(obj, "__dict__") else False
