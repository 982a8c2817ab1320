"""torch.distributions.one_hot_categorical."""

from torch.distributions.categorical import OneHotCategorical, OneHotCategoricalStraightThrough
