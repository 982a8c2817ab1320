"""collections."""

import _gradguard as gg

OrderedDict = dict
deque = gg.deque
UserDict = dict
UserList = list


class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __getitem__(self, key):
        if key not in self:
            if self.default_factory is None:
                raise KeyError(key)
            self[key] = self.default_factory()
        return super().__getitem__(key)


class Counter(dict):
    def __init__(self, iterable=None, **kwargs):
        super().__init__(**kwargs)
        self.update(iterable or ())

    def __getitem__(self, key):
        return super().__getitem__(key) if key in self else 0

    def update(self, iterable=None, **kwargs):
        for item in iterable or ():
            self[item] = self[item] + 1

    def most_common(self, n=None):
        return gg.unknown()


class ChainMap:
    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    def _merged(self):
        merged = {}
        for each in reversed(self.maps):
            merged.update(each)
        return merged

    def __getitem__(self, key):
        return self._merged()[key]

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        del self.maps[0][key]

    def __contains__(self, key):
        return key in self._merged()

    def __iter__(self):
        return iter(self._merged())

    def __len__(self):
        return len(self._merged())

    def get(self, key, default=None):
        return self._merged().get(key, default)

    def keys(self):
        return self._merged().keys()

    def values(self):
        return self._merged().values()

    def items(self):
        return self._merged().items()

    def new_child(self, m=None):
        return ChainMap({} if m is None else m, *self.maps)


class _NamedTuple(tuple):
    _fields = ()
    _defaults = ()

    def __new__(cls, *args, **kwargs):
        values = list(args)
        missing = len(cls._fields) - len(cls._defaults)
        for index, name in enumerate(cls._fields):
            if index >= len(args):
                values.append(kwargs[name] if name in kwargs else cls._defaults[index - missing])
        return super().__new__(cls, values)

    @classmethod
    def _make(cls, iterable):
        return cls(*iterable)

    def _asdict(self):
        return dict(zip(self._fields, self))

    def _replace(self, **kwargs):
        return type(self)(**{**self._asdict(), **kwargs})


def _field(index):
    return property(lambda self: self[index])


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    names = field_names.replace(",", " ").split() if isinstance(field_names, str) else list(field_names)
    members = {name: _field(index) for index, name in enumerate(names)}
    return type(typename, (_NamedTuple,), {**members, "_fields": tuple(names), "_defaults": tuple(defaults or ())})
