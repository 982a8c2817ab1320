"""torch.distributions beside the prelude's: what a sample, a log-probability and an entropy save."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch.distributions

from tests.prelude.judges import gradguard_reports, torch_raises

HEADER = """\
import torch
from torch.distributions import *

torch.manual_seed(0)
w = torch.tensor([0.5, 0.6, 0.7], requires_grad=True)
first = w * 1.5
second = w.exp()


def overwrite(tensor):
    with torch.no_grad():
        tensor.mul_(1)


"""
DISTRIBUTIONS = """
Normal(first, second)
Normal(0.0, second)
Laplace(first, second)
LogNormal(first, second)
HalfNormal(second)
Uniform(first, first + 2)
Exponential(second)
Gamma(second, first)
Beta(second, first)
Dirichlet(second)
MultivariateNormal(first, torch.eye(3))
MultivariateNormal(first, scale_tril=torch.diag_embed(second))
Independent(Normal(first, second), 1)
Categorical(logits=first)
Categorical(probs=second)
OneHotCategorical(logits=first)
OneHotCategoricalStraightThrough(logits=first)
Bernoulli(torch.sigmoid(first))
Bernoulli(logits=first)
Geometric(logits=first)
Poisson(second)
Cauchy(first, second)
Gumbel(first, second)
StudentT(second, first, second)
MixtureSameFamily(Categorical(logits=first), Normal(first, second))
MixtureSameFamily(Categorical(logits=first), Independent(Normal(first[:, None], second[:, None]), 1))
TransformedDistribution(Normal(first, second), [TanhTransform()])
TransformedDistribution(Normal(first, second), [AffineTransform(1.0, 2.0), ExpTransform()])
""".strip().splitlines()
PAIRS = (
    "Normal(first, second), Normal(0.0, 1.0)",
    "Normal(0.0, 1.0), Normal(first, second)",
    "Categorical(logits=first), Categorical(probs=second)",
    "Bernoulli(logits=first), Bernoulli(probs=torch.sigmoid(first))",
    "Independent(Normal(first, second), 1), Independent(Normal(first, first), 1)",
)


@pytest.mark.parametrize("made", DISTRIBUTIONS)
def test_distribution_behaves_as_in_torch(made: str) -> None:
    disagreements = [p for p in _questions(made) if gradguard_reports(p) != torch_raises(p)]
    assert not disagreements, "\n\n".join(disagreements)


@pytest.mark.parametrize("pair", PAIRS)
def test_divergence_behaves_as_in_torch(pair: str) -> None:
    for parameter in ("first", "second"):
        program = f"{HEADER}loss = kl_divergence({pair}).sum()\noverwrite({parameter})\nloss.backward()\n"
        assert gradguard_reports(program) == torch_raises(program), program


def _questions(made: str) -> Iterator[str]:
    """Overwrite the value, the result or a parameter between what uses it and the backward."""
    distribution = _made(made)
    start = f"{HEADER}made = {made}\n"
    for written in ("value", "first", "second", "loss"):
        yield f"{start}value = made.sample()\nloss = made.log_prob(value)\noverwrite({written})\nloss.sum().backward()\n"
    if distribution.has_rsample:
        for written in ("value", "first", "second"):
            yield f"{start}value = made.rsample()\noverwrite({written})\nvalue.sum().backward()\n"
    try:
        if not distribution.entropy().requires_grad:
            return
    except NotImplementedError:
        return
    for written in ("first", "second", "loss"):
        yield f"{start}loss = made.entropy()\noverwrite({written})\nloss.sum().backward()\n"


def _made(expression: str) -> torch.distributions.Distribution:
    names: dict[str, object] = {}
    exec(f"{HEADER}made = {expression}\n", names)
    made = names["made"]
    assert isinstance(made, torch.distributions.Distribution)
    return made
