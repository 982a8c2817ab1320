"""no_grad, enable_grad, set_grad_enabled and inference_mode: context managers that decorate as well."""

import functools

import _gradguard as gg


def _inside(function, enter, leave):
    """`function`, each call of which runs between `enter()` and `leave(what enter returned)`."""

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        before = enter()
        try:
            return function(*args, **kwargs)
        finally:
            leave(before)

    return wrapped


def _switch(flag):
    previous = gg.grad_enabled()
    gg.set_grad_enabled(flag)
    return previous


class no_grad:
    flag = False

    def __new__(cls, function=None):
        context = super().__new__(cls)
        return context if function is None else context(function)

    def __enter__(self):
        self.previous = _switch(self.flag)

    def __exit__(self, *exception):
        gg.set_grad_enabled(self.previous)

    def __call__(self, function):
        flag = self.flag
        return _inside(function, lambda: _switch(flag), gg.set_grad_enabled)

    def clone(self):
        return self


class enable_grad(no_grad):
    flag = True


class set_grad_enabled:
    # It switches when it is made; as a statement the mode stays (measured).
    def __init__(self, mode):
        self.mode = mode
        self.previous = _switch(mode)

    def __enter__(self):
        gg.set_grad_enabled(self.mode)

    def __exit__(self, *exception):
        gg.set_grad_enabled(self.previous)

    def __call__(self, function):
        gg.set_grad_enabled(self.previous)
        mode = self.mode
        return _inside(function, lambda: _switch(mode), gg.set_grad_enabled)


def _infer(mode):
    previous = gg.inference_enabled(), gg.grad_enabled()
    gg.set_inference(mode)
    gg.set_grad_enabled(not mode)
    return previous


def _restore(previous):
    gg.set_inference(previous[0])
    gg.set_grad_enabled(previous[1])


class inference_mode:
    def __new__(cls, mode=True):
        context = super().__new__(cls)
        if callable(mode):
            context.mode = True
            return context(mode)
        context.mode = mode
        return context

    def __enter__(self):
        self.previous = _infer(self.mode)

    def __exit__(self, *exception):
        _restore(self.previous)

    def __call__(self, function):
        mode = self.mode
        return _inside(function, lambda: _infer(mode), _restore)


class set_multithreading_enabled:
    def __init__(self, mode):
        pass

    def __enter__(self):
        pass

    def __exit__(self, *exception):
        pass
