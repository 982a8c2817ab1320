"""torch.backends.cuda: no accelerator."""

import contextlib


def is_built():
    return False


def sdp_kernel(*args, **kwargs):
    return contextlib.nullcontext()


def enable_flash_sdp(enabled):
    pass


def enable_mem_efficient_sdp(enabled):
    pass


def enable_math_sdp(enabled):
    pass
