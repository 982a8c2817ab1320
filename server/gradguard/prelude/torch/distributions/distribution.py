"""The base of distributions. Samples are fresh tensors; only `rsample` and `log_prob` carry a gradient."""

import _gradguard as gg

import torch


class Distribution:
    has_rsample = False
    has_enumerate_support = False
    arg_constraints = {}
    _validate_args = False

    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self._batch_shape = batch_shape
        self._event_shape = event_shape

    @staticmethod
    def set_default_validate_args(value):
        pass

    @property
    def batch_shape(self):
        return self._batch_shape

    @property
    def event_shape(self):
        return self._event_shape

    @property
    def stddev(self):
        return self.variance.sqrt()

    def _extended_shape(self, sample_shape=()):
        return tuple(sample_shape) + tuple(self._batch_shape) + tuple(self._event_shape)

    def _fresh(self, sample_shape=()):
        return gg.new_tensor(self._extended_shape(sample_shape))

    def sample(self, sample_shape=()):
        return self._fresh(sample_shape)

    def sample_n(self, n):
        return self.sample((n,))

    # What a distribution does not define here is not known to be missing.

    def rsample(self, sample_shape=()):
        return gg.unknown()

    def log_prob(self, value):
        return gg.unknown()

    def entropy(self):
        return gg.unknown()

    def perplexity(self):
        return torch.exp(self.entropy())

    def expand(self, batch_shape, _instance=None):
        return gg.unknown()


class ExponentialFamily(Distribution):
    pass


class lazy_property:
    """Computed at its first use, with grad mode on, and kept."""

    def __init__(self, wrapped):
        self.wrapped = wrapped

    def __get__(self, instance, owner=None):
        previous = gg.grad_enabled()
        gg.set_grad_enabled(True)
        value = self.wrapped(instance)
        gg.set_grad_enabled(previous)
        instance.__dict__[self.wrapped.__name__] = value
        return value


def broadcast_all(*values):
    tensors = [value if gg.is_tensor(value) or gg.is_unknown(value) else torch.tensor(value) for value in values]
    return torch.broadcast_tensors(*tensors)


def probs_to_logits(probs, is_binary=False):
    clamped = probs.clamp(1e-7, 1 - 1e-7)
    return torch.log(clamped) - torch.log1p(-clamped) if is_binary else torch.log(clamped)


def logits_to_probs(logits, is_binary=False):
    return torch.sigmoid(logits) if is_binary else torch._softmax(logits, -1, False)
