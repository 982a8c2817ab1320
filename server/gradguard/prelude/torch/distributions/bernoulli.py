"""Distributions of two outcomes, and counts."""

import _gradguard as gg

import torch
import torch.nn.functional as F
from torch.distributions.distribution import (
    Distribution,
    ExponentialFamily,
    broadcast_all,
    lazy_property,
    logits_to_probs,
    probs_to_logits,
)


class _OfProbabilities(ExponentialFamily):
    def _set_up(self, probs, logits):
        if probs is not None:
            (self.probs,) = broadcast_all(probs)
            self._param = self.probs
        else:
            (self.logits,) = broadcast_all(logits)
            self._param = self.logits
        self._batch_shape = self._param.shape

    @lazy_property
    def logits(self):
        return probs_to_logits(self.probs, True)

    @lazy_property
    def probs(self):
        return logits_to_probs(self.logits, True)


class Bernoulli(_OfProbabilities):
    def __init__(self, probs=None, logits=None, validate_args=None):
        self._set_up(probs, logits)

    @property
    def mean(self):
        return self.probs

    @property
    def variance(self):
        return self.probs * (1 - self.probs)

    @property
    def mode(self):
        return (self.probs >= 0.5).to(self.probs)

    def log_prob(self, value):
        logits, value = broadcast_all(self.logits, value)
        return -F.binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self):
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class RelaxedBernoulli(_OfProbabilities):
    has_rsample = True

    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        self.temperature = temperature
        self._set_up(probs, logits)

    def rsample(self, sample_shape=()):
        noise = gg.new_tensor(self._extended_shape(sample_shape))
        return torch.sigmoid((noise + self.logits) / self.temperature)

    def log_prob(self, value):
        return gg.unknown()


class Geometric(_OfProbabilities):
    def __init__(self, probs=None, logits=None, validate_args=None):
        self._set_up(probs, logits)

    def log_prob(self, value):
        value, probs = broadcast_all(value, self.probs)
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self):
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs


class Binomial(_OfProbabilities):
    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        self.total_count = total_count
        self._set_up(probs, logits)

    def log_prob(self, value):
        return gg.unknown()


class Poisson(Distribution):
    def __init__(self, rate, validate_args=None):
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape)

    @property
    def mean(self):
        return self.rate

    @property
    def variance(self):
        return self.rate

    def log_prob(self, value):
        rate, value = broadcast_all(self.rate, value)
        return value.xlogy(rate) - rate - (value + 1).lgamma()
