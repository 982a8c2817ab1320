"""numpy.random."""

import _gradguard as gg
import torch


def seed(seed=None):
    pass


def get_state():
    return gg.unknown()


def set_state(state):
    pass


def _drawn(size, dtype=None):
    return gg.unknown() if size is None else gg.new_array(size, dtype)


def rand(*shape):
    return _drawn(shape or None)


def randn(*shape):
    return _drawn(shape or None)


def random(size=None):
    return _drawn(size)


def random_sample(size=None):
    return _drawn(size)


def uniform(low=0.0, high=1.0, size=None):
    return _drawn(size)


def normal(loc=0.0, scale=1.0, size=None):
    return _drawn(size)


def standard_normal(size=None):
    return _drawn(size)


def exponential(scale=1.0, size=None):
    return _drawn(size)


def randint(low, high=None, size=None, dtype=None):
    return _drawn(size, torch.int64)


def binomial(n, p, size=None):
    return _drawn(size, torch.int64)


def beta(a, b, size=None):
    return _drawn(size)


def choice(a, size=None, replace=True, p=None):
    return gg.unknown()


def permutation(x):
    return gg.new_array((x,), torch.int64) if isinstance(x, int) else gg.unknown()


def shuffle(x):
    if gg.is_tensor(x):
        gg.write_past_counter(x, "numpy", "shuffle")


class Generator:
    def random(self, size=None, dtype=None):
        return _drawn(size, dtype)

    def uniform(self, low=0.0, high=1.0, size=None):
        return _drawn(size)

    def normal(self, loc=0.0, scale=1.0, size=None):
        return _drawn(size)

    def standard_normal(self, size=None, dtype=None):
        return _drawn(size, dtype)

    def integers(self, low, high=None, size=None, dtype=None, endpoint=False):
        return _drawn(size, torch.int64)

    def choice(self, a, size=None, replace=True, p=None):
        return gg.unknown()

    def permutation(self, x):
        return permutation(x)

    def shuffle(self, x):
        shuffle(x)


def default_rng(seed=None):
    return Generator()


class RandomState(Generator):
    def __init__(self, seed=None):
        pass

    def randn(self, *shape):
        return _drawn(shape or None)

    def rand(self, *shape):
        return _drawn(shape or None)

    def randint(self, low, high=None, size=None, dtype=None):
        return _drawn(size, torch.int64)
