"""torch.distributions.dirichlet."""

from torch.distributions.gamma import Dirichlet
