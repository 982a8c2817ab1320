"""torch.distributions.relaxed_bernoulli."""

from torch.distributions.bernoulli import RelaxedBernoulli
