"""Normal, and the distributions made of it."""

import _gradguard as gg

import torch
from torch.distributions.distribution import Distribution, ExponentialFamily, broadcast_all
from torch.distributions.transformed_distribution import TransformedDistribution
from torch.distributions.transforms import AbsTransform, ExpTransform


class Normal(ExponentialFamily):
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape)

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def stddev(self):
        return self.scale

    @property
    def variance(self):
        return self.stddev.pow(2)

    def rsample(self, sample_shape=()):
        noise = gg.new_tensor(self._extended_shape(sample_shape))
        return self.loc + noise * self.scale

    def log_prob(self, value):
        variance = self.scale**2
        return -((value - self.loc) ** 2) / (2 * variance) - self.scale.log() - 0.9189385332046727

    def cdf(self, value):
        return 0.5 * (1 + torch.erf((value - self.loc) * self.scale.reciprocal() / 1.4142135623730951))

    def icdf(self, value):
        return self.loc + self.scale * torch.erfinv(2 * value - 1) * 1.4142135623730951

    def entropy(self):
        return 1.4189385332046727 + torch.log(self.scale)


class LogNormal(TransformedDistribution):
    def __init__(self, loc, scale, validate_args=None):
        super().__init__(Normal(loc, scale), ExpTransform())

    @property
    def mean(self):
        return (self.base_dist.loc + self.base_dist.scale.pow(2) / 2).exp()

    def entropy(self):
        return self.base_dist.entropy() + self.base_dist.loc


class HalfNormal(TransformedDistribution):
    def __init__(self, scale, validate_args=None):
        super().__init__(Normal(0.0, scale), AbsTransform())

    def log_prob(self, value):
        return self.base_dist.log_prob(value) + 0.6931471805599453

    def entropy(self):
        return self.base_dist.entropy() - 0.6931471805599453


class Laplace(Distribution):
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape)

    @property
    def mean(self):
        return self.loc

    @property
    def variance(self):
        return 2 * self.scale.pow(2)

    def rsample(self, sample_shape=()):
        noise = gg.new_tensor(self._extended_shape(sample_shape))
        return self.loc - self.scale * noise.sign() * torch.log1p(-noise.abs())

    def log_prob(self, value):
        return -torch.log(2 * self.scale) - torch.abs(value - self.loc) / self.scale

    def entropy(self):
        return 1 + torch.log(2 * self.scale)
