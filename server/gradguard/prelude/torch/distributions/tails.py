"""Distributions with heavy or long tails, and mixtures."""

import _gradguard as gg

import torch
from torch.distributions.distribution import Distribution, broadcast_all
from torch.distributions.gamma import Chi2


class Cauchy(Distribution):
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape)

    def rsample(self, sample_shape=()):
        return self.loc + self._fresh(sample_shape) * self.scale

    def log_prob(self, value):
        return -1.1447298858494002 - self.scale.log() - (((value - self.loc) / self.scale) ** 2).log1p()

    def entropy(self):
        return 2.5310242469692907 + self.scale.log()


class Gumbel(Distribution):
    has_rsample = True

    def __init__(self, loc, scale, validate_args=None):
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape)

    def rsample(self, sample_shape=()):
        return self.loc + (-self.scale) * self._fresh(sample_shape)

    def log_prob(self, value):
        y = (self.loc - value) / self.scale
        return (y - y.exp()) - self.scale.log()

    def entropy(self):
        return self.scale.log() + 1.5772156649015328


class StudentT(Distribution):
    has_rsample = True

    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.shape)

    def rsample(self, sample_shape=()):
        noise = self._fresh(sample_shape)
        return self.loc + self.scale * (noise * torch.rsqrt(self._chi2.rsample(sample_shape) / self.df))

    def log_prob(self, value):
        y = (value - self.loc) / self.scale
        constant = (
            self.scale.log() + 0.5 * self.df.log() + torch.lgamma(0.5 * self.df) - torch.lgamma(0.5 * (self.df + 1.0))
        )
        return -0.5 * (self.df + 1.0) * torch.log1p(y**2.0 / self.df) - constant

    def entropy(self):
        half, more = 0.5 * self.df, 0.5 * (self.df + 1.0)
        beta = torch.lgamma(half) + 0.5723649429247001 - torch.lgamma(more)
        return self.scale.log() + more * (torch.digamma(more) - torch.digamma(half)) + 0.5 * self.df.log() + beta


class MixtureSameFamily(Distribution):
    def __init__(self, mixture_distribution, component_distribution, validate_args=None):
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        super().__init__(component_distribution.batch_shape[:-1], component_distribution.event_shape)

    def log_prob(self, x):
        x = x.unsqueeze(-1 - len(self._event_shape))
        mixing = torch._log_softmax(self.mixture_distribution.logits, -1, False)
        return torch.logsumexp(self.component_distribution.log_prob(x) + mixing, -1)
