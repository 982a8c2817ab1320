"""functools."""


class partial:
    def __init__(self, func, *args, **keywords):
        self.func = func
        self.args = args
        self.keywords = keywords

    def __call__(self, *args, **keywords):
        return self.func(*self.args, *args, **{**self.keywords, **keywords})


class partialmethod:
    def __init__(self, func, *args, **keywords):
        self.func = func
        self.args = args
        self.keywords = keywords

    def __get__(self, instance, owner=None):
        return partial(self.func, instance, *self.args, **self.keywords)


def wraps(wrapped, assigned=None, updated=None):
    return lambda function: function


def update_wrapper(wrapper, wrapped, assigned=None, updated=None):
    return wrapper


class _Remembering:
    def __init__(self, function):
        self.function = function
        self.known = {}

    def __call__(self, *args, **keywords):
        key = (args, tuple(keywords.items()))
        if key not in self.known:
            self.known[key] = self.function(*args, **keywords)
        return self.known[key]

    def __get__(self, instance, owner=None):
        return self if instance is None else partial(self, instance)

    def cache_clear(self):
        self.known.clear()


def lru_cache(maxsize=128, typed=False):
    return _Remembering(maxsize) if callable(maxsize) else _Remembering


def cache(user_function):
    return _Remembering(user_function)


def total_ordering(cls):
    return cls


def singledispatch(func):
    return func


def cmp_to_key(mycmp):
    return lambda value: value


class cached_property:
    def __init__(self, func):
        self.func = func

    def __get__(self, instance, owner=None):
        value = self.func(instance)
        instance.__dict__[self.func.__name__] = value
        return value


_NOTHING = object()


def reduce(function, sequence, initial=_NOTHING):
    items = iter(sequence)
    result = next(items) if initial is _NOTHING else initial
    for item in items:
        result = function(result, item)
    return result
