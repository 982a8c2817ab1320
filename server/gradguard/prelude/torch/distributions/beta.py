"""torch.distributions.beta."""

from torch.distributions.gamma import Beta
