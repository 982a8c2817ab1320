"""torch.cuda: which device runs a program changes nothing here, so there is none."""

import contextlib

import _gradguard as gg


def is_available():
    return False


def is_initialized():
    return False


def device_count():
    return 0


def current_device():
    return gg.unknown()


def get_device_name(device=None):
    return gg.unknown()


def get_device_capability(device=None):
    return gg.unknown()


def set_device(device):
    pass


def synchronize(device=None):
    pass


def empty_cache():
    pass


def manual_seed(seed):
    pass


def manual_seed_all(seed):
    pass


def is_bf16_supported(*args, **kwargs):
    return gg.unknown()


def memory_allocated(device=None):
    return gg.unknown()


def max_memory_allocated(device=None):
    return gg.unknown()


def memory_reserved(device=None):
    return gg.unknown()


def reset_peak_memory_stats(device=None):
    pass


def current_stream(device=None):
    return gg.unknown()


def Event(*args, **kwargs):
    return gg.unknown()


def Stream(*args, **kwargs):
    return gg.unknown()


def stream(stream):
    return contextlib.nullcontext()


def device(device):
    return contextlib.nullcontext()
