"""torch.distributions.utils."""

from torch.distributions.distribution import broadcast_all, lazy_property, logits_to_probs, probs_to_logits
