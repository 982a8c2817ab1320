"""Transforms of distributions."""

import _gradguard as gg

import torch
import torch.nn.functional as F


class Transform:
    def __init__(self, cache_size=0):
        self.cache_size = cache_size

    def __call__(self, x):
        return self._call(x)

    @property
    def inv(self):
        return _Inverse(self)

    def log_abs_det_jacobian(self, x, y):
        return gg.unknown()


class _Inverse(Transform):
    def __init__(self, transform):
        self.transform = transform

    def __call__(self, y):
        return self.transform._inverse(y)

    def _inverse(self, x):
        return self.transform._call(x)


class ComposeTransform(Transform):
    def __init__(self, parts, cache_size=0):
        self.parts = parts

    def _call(self, x):
        for part in self.parts:
            x = part(x)
        return x

    def _inverse(self, y):
        for part in reversed(self.parts):
            y = part._inverse(y)
        return y


class ExpTransform(Transform):
    def _call(self, x):
        return x.exp()

    def _inverse(self, y):
        return y.log()

    def log_abs_det_jacobian(self, x, y):
        return x


class AbsTransform(Transform):
    def _call(self, x):
        return x.abs()

    def _inverse(self, y):
        return y


class TanhTransform(Transform):
    def _call(self, x):
        return x.tanh()

    def _inverse(self, y):
        return torch.atanh(y)

    def log_abs_det_jacobian(self, x, y):
        return 2.0 * (0.6931471805599453 - x - F.softplus(-2.0 * x))


class SigmoidTransform(Transform):
    def _call(self, x):
        return torch.clamp(torch.sigmoid(x), 1e-38, 1.0 - 1e-7)

    def _inverse(self, y):
        y = y.clamp(1e-38, 1.0 - 1e-7)
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x, y):
        return -F.softplus(-x) - F.softplus(x)


class SoftplusTransform(Transform):
    def _call(self, x):
        return F.softplus(x)

    def _inverse(self, y):
        return (-y).expm1().neg().log() + y

    def log_abs_det_jacobian(self, x, y):
        return -F.softplus(-x)


class AffineTransform(Transform):
    def __init__(self, loc, scale, event_dim=0, cache_size=0):
        self.loc = loc
        self.scale = scale

    def _call(self, x):
        return self.loc + self.scale * x

    def _inverse(self, y):
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x, y):
        return torch.zeros_like(x) + (self.scale.abs().log() if gg.is_tensor(self.scale) else 0.0)


class PowerTransform(Transform):
    def __init__(self, exponent, cache_size=0):
        self.exponent = exponent

    def _call(self, x):
        return x.pow(self.exponent)

    def _inverse(self, y):
        return y.pow(1 / self.exponent)

    def log_abs_det_jacobian(self, x, y):
        return (self.exponent * y / x).abs().log()


class SoftmaxTransform(Transform):
    def _call(self, x):
        scores = (x - x.max(-1, True)[0]).exp()
        return scores / scores.sum(-1, True)

    def _inverse(self, y):
        return y.log()


class IndependentTransform(Transform):
    def __init__(self, base_transform, reinterpreted_batch_ndims, cache_size=0):
        self.base_transform = base_transform

    def _call(self, x):
        return self.base_transform(x)

    def _inverse(self, y):
        return self.base_transform._inverse(y)
