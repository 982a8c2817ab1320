"""torch.distributions.relaxed_categorical."""

from torch.distributions.categorical import RelaxedOneHotCategorical
