"""torch.jit: a scripted or traced function behaves like the function."""

import _gradguard as gg

from torch.nn.modules.module import Module as ScriptModule


def script(obj, *args, **kwargs):
    return obj


def trace(func, example_inputs=None, *args, **kwargs):
    return func


def script_if_tracing(fn):
    return fn


def trace_module(mod, inputs, *args, **kwargs):
    return mod


def ignore(drop=False, **kwargs):
    return drop if callable(drop) else lambda function: function


def unused(fn):
    return fn


def export(fn):
    return fn


def freeze(mod, *args, **kwargs):
    return mod


def optimize_for_inference(mod, *args, **kwargs):
    return mod


def interface(obj):
    return obj


def is_scripting():
    return False


def is_tracing():
    return False


def annotate(the_type, the_value):
    return the_value


def isinstance(obj, target_type):
    return gg.unknown()


def fork(func, *args, **kwargs):
    return func(*args, **kwargs)


def wait(future):
    return future


def save(m, f):
    pass


def load(f, map_location=None):
    return gg.unknown()


def _overload_method(fn):
    return fn


Final = gg.unknown()


def script_method(fn):
    return fn
