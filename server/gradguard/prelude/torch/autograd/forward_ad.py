"""Forward-mode differentiation: no backward is involved."""

import _gradguard as gg


class dual_level:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass


def make_dual(tensor, tangent, *, level=None):
    return gg.unknown()


def unpack_dual(tensor, *, level=None):
    return gg.unknown()
