"""contextlib."""

import _gradguard as gg


class ContextDecorator:
    def __call__(self, func):
        def inside(*args, **kwargs):
            with self:
                return func(*args, **kwargs)

        return inside


class _GeneratorContext:
    def __init__(self, function, args, kwargs):
        self.function = function
        self.args = args
        self.kwargs = kwargs

    def __enter__(self):
        self.generator = self.function(*self.args, **self.kwargs)
        return next(self.generator)

    def __exit__(self, *exception):
        next(self.generator, None)

    def __call__(self, func):
        def inside(*args, **kwargs):
            with _GeneratorContext(self.function, self.args, self.kwargs):
                return func(*args, **kwargs)

        return inside


def contextmanager(func):
    return lambda *args, **kwargs: _GeneratorContext(func, args, kwargs)


def asynccontextmanager(func):
    return func


class AbstractContextManager:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass


class nullcontext:
    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result

    def __exit__(self, *exception):
        pass


class suppress:
    def __init__(self, *exceptions):
        self.exceptions = exceptions

    def __enter__(self):
        pass

    def __exit__(self, kind, value, trace):
        return isinstance(value, self.exceptions)


class closing:
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *exception):
        self.thing.close()


class redirect_stdout(nullcontext):
    pass


class redirect_stderr(nullcontext):
    pass


class ExitStack:
    def __init__(self):
        self.leaving = []

    def enter_context(self, cm):
        value = cm.__enter__()
        self.leaving.append(lambda: cm.__exit__(None, None, None))
        return value

    def push(self, exit):
        return exit

    def callback(self, callback, *args, **kwargs):
        self.leaving.append(lambda: callback(*args, **kwargs))
        return callback

    def pop_all(self):
        return gg.unknown()

    def close(self):
        while self.leaving:
            self.leaving.pop()()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
