"""Kullback-Leibler divergences."""

import _gradguard as gg

import torch
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
        return p.probs * (q.logits - p.logits) + torch.log1p(q.logits.exp()) - torch.log1p(p.logits.exp())
    return gg.unknown()
