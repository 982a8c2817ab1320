"""Profiling changes nothing."""

import _gradguard as gg


class profile:
    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def key_averages(self, *args, **kwargs):
        return gg.unknown()


class record_function(profile):
    pass


class emit_nvtx(profile):
    pass
