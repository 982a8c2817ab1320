"""random: numbers are unknown; of the objects in a sequence any may be drawn, so the first is."""

import _gradguard as gg


def random():
    return gg.unknown()


def uniform(a, b):
    return gg.unknown()


def randint(a, b):
    return gg.unknown()


def randrange(start, stop=None, step=1):
    return gg.unknown()


def gauss(mu=0.0, sigma=1.0):
    return gg.unknown()


def normalvariate(mu=0.0, sigma=1.0):
    return gg.unknown()


def betavariate(alpha, beta):
    return gg.unknown()


def getrandbits(k):
    return gg.unknown()


def seed(a=None, version=2):
    pass


def getstate():
    return gg.unknown()


def setstate(state):
    pass


def shuffle(x):
    pass


def _drawn(value):
    return gg.unknown() if isinstance(value, (int, float, str)) else value


def choice(seq):
    if gg.is_unknown(seq) or len(seq) == 0:
        return gg.unknown()
    return _drawn(seq[0])


def choices(population, weights=None, *, cum_weights=None, k=1):
    if gg.is_unknown(population) or gg.is_unknown(k):
        return gg.unknown()
    return [choice(population) for _ in range(k)]


def sample(population, k, *, counts=None):
    if gg.is_unknown(population) or gg.is_unknown(k):
        return gg.unknown()
    return [_drawn(value) for value in list(population)[:k]]


class Random:
    def __init__(self, x=None):
        pass

    def __getattr__(self, name):
        return lambda *args, **kwargs: gg.unknown()
