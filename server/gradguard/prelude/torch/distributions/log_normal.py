"""torch.distributions.log_normal."""

from torch.distributions.normal import LogNormal
