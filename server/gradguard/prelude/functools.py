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


def lru_cache(maxsize=128, typed=False):
    return maxsize if callable(maxsize) else lambda function: function


def cache(user_function):
    return user_function


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
