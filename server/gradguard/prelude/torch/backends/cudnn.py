"""torch.backends.cudnn: no accelerator."""

import contextlib

enabled = False
benchmark = False
deterministic = False


def is_available():
    return False


def version():
    return None


def flags(*args, **kwargs):
    return contextlib.nullcontext()
