"""torch.autograd.functional: each result is a fresh tensor; the graph inside is private."""

import _gradguard as gg


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    return gg.unknown()


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    return gg.unknown()


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    return gg.unknown()


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    return gg.unknown()


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    return gg.unknown()


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    return gg.unknown()
