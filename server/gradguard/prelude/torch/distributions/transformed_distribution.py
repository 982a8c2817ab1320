"""TransformedDistribution."""

from torch.distributions.distribution import Distribution
from torch.distributions.transforms import Transform


class TransformedDistribution(Distribution):
    def __init__(self, base_distribution, transforms, validate_args=None):
        self.base_dist = base_distribution
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        super().__init__(base_distribution.batch_shape, base_distribution.event_shape)

    @property
    def has_rsample(self):
        return self.base_dist.has_rsample

    def rsample(self, sample_shape=()):
        x = self.base_dist.rsample(sample_shape)
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value):
        total = 0.0
        y = value
        for transform in reversed(self.transforms):
            x = transform._inverse(y)
            total = total - transform.log_abs_det_jacobian(x, y)
            y = x
        return total + self.base_dist.log_prob(y)
