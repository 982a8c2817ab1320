"""Kullback-Leibler divergences."""

import math

import _gradguard as gg

import torch.nn.functional as F
from torch.distributions.bernoulli import Bernoulli
from torch.distributions.categorical import Categorical, OneHotCategorical
from torch.distributions.independent import Independent, summed
from torch.distributions.normal import Normal


def register_kl(type_p, type_q):
    return lambda function: function


def kl_divergence(p, q):
    if isinstance(p, Independent) and isinstance(q, Independent):
        return summed(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)
    if isinstance(p, Normal) and isinstance(q, Normal):
        ratio = (p.scale / q.scale).pow(2)
        return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())
    if isinstance(p, OneHotCategorical) and isinstance(q, OneHotCategorical):
        return kl_divergence(p._categorical, q._categorical)
    if isinstance(p, Categorical) and isinstance(q, Categorical):
        return (p.probs * (p.logits - q.logits)).sum(-1)
    if isinstance(p, Bernoulli) and isinstance(q, Bernoulli):
        hit = p.probs * (F.softplus(-q.logits) - F.softplus(-p.logits))
        hit[q.probs == 0] = math.inf
        hit[p.probs == 0] = 0
        missed = (1 - p.probs) * (F.softplus(q.logits) - F.softplus(p.logits))
        missed[q.probs == 1] = math.inf
        missed[p.probs == 1] = 0
        return hit + missed
    return gg.unknown()
