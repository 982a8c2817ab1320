"""torch.distributions.laplace."""

from torch.distributions.normal import Laplace
