"""torch.distributed: one process. What a collective writes keeps its version (measured), and is not followed."""

import _gradguard as gg


def is_available():
    return False


def is_initialized():
    return False


def get_rank(group=None):
    return 0


def get_world_size(group=None):
    return 1


def init_process_group(*args, **kwargs):
    pass


def destroy_process_group(*args, **kwargs):
    pass


def barrier(*args, **kwargs):
    pass


def get_backend(group=None):
    return gg.unknown()


def new_group(*args, **kwargs):
    return gg.unknown()


def _collective(*args, **kwargs):
    return gg.unknown()


all_reduce = _collective
broadcast = _collective
reduce = _collective
all_gather = _collective
all_gather_into_tensor = _collective
all_gather_object = _collective
gather = _collective
scatter = _collective
reduce_scatter = _collective
all_to_all = _collective
