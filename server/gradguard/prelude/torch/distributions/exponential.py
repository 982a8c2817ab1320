"""torch.distributions.exponential."""

from torch.distributions.gamma import Exponential
