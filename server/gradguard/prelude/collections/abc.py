"""collections.abc: as bases they add nothing here; `isinstance` is the interpreter's business."""


class Callable:
    pass


class Iterable:
    pass


class Iterator:
    def __iter__(self):
        return self


class Generator(Iterator):
    pass


class Sequence:
    pass


class MutableSequence(Sequence):
    pass


class Mapping:
    pass


class MutableMapping(Mapping):
    pass


class Set:
    pass


class Hashable:
    pass


class Sized:
    pass


class Container:
    pass


class Collection:
    pass
