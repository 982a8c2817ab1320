"""torch.distributions.uniform."""

from torch.distributions.gamma import Uniform
