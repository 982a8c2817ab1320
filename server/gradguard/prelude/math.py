"""math on known numbers; of anything else the result is unknown."""

import _gradguard as gg

pi = 3.141592653589793
e = 2.718281828459045
tau = 6.283185307179586
inf = float("inf")
nan = float("nan")


def sqrt(x):
    return gg.math("sqrt", x)


def exp(x):
    return gg.math("exp", x)


def log(x, base=e):
    return gg.math("log", x, base)


def log2(x):
    return gg.math("log2", x)


def log10(x):
    return gg.math("log10", x)


def log1p(x):
    return gg.math("log1p", x)


def expm1(x):
    return gg.math("expm1", x)


def pow(x, y):
    return gg.math("pow", x, y)


def ceil(x):
    return gg.math("ceil", x)


def floor(x):
    return gg.math("floor", x)


def trunc(x):
    return gg.math("trunc", x)


def fabs(x):
    return gg.math("fabs", x)


def sin(x):
    return gg.math("sin", x)


def cos(x):
    return gg.math("cos", x)


def tan(x):
    return gg.math("tan", x)


def tanh(x):
    return gg.math("tanh", x)


def atan2(y, x):
    return gg.math("atan2", y, x)


def radians(x):
    return gg.math("radians", x)


def degrees(x):
    return gg.math("degrees", x)


def gcd(*numbers):
    return gg.math("gcd", *numbers)


def lcm(*numbers):
    return gg.math("lcm", *numbers)


def factorial(n):
    return gg.math("factorial", n)


def comb(n, k):
    return gg.math("comb", n, k)


def isqrt(n):
    return gg.math("isqrt", n)


def isnan(x):
    return gg.math("isnan", x)


def isinf(x):
    return gg.math("isinf", x)


def isfinite(x):
    return gg.math("isfinite", x)


def isclose(a, b, *, rel_tol=1e-9, abs_tol=0.0):
    return gg.math("isclose", a, b)


def prod(iterable, *, start=1):
    product = start
    for value in iterable:
        product = product * value
    return product


def fsum(iterable):
    return sum(iterable, 0.0)


def dist(p, q):
    return gg.unknown()


def hypot(*coordinates):
    return gg.math("hypot", *coordinates)


def copysign(x, y):
    return gg.math("copysign", x, y)


def fmod(x, y):
    return gg.math("fmod", x, y)


def erf(x):
    return gg.math("erf", x)


def lgamma(x):
    return gg.math("lgamma", x)
