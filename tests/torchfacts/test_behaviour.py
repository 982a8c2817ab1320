"""The facts of a sample of operators, checked by experiment: move a version, run backward, see whether torch raises.

`python -m tools.facts.measure` does the same for all of them.
"""

from __future__ import annotations

import pytest
import torch
from tools.facts.calls import Inputs
from tools.facts.generate import derived_facts
from tools.facts.measure import disagreements
from tools.facts.measurement import Observation, observe

from gradguard.torchfacts.catalog import Catalog

pytestmark = pytest.mark.slow

NAMES = """
    torch.mul Tensor.mul_ Tensor.__rmul__ torch.div torch.exp Tensor.exp_ torch.sin Tensor.sin_ torch.pow Tensor.pow_
    torch.sigmoid torch.relu_ torch.max torch.cat torch.where torch.matmul torch.index_select torch.gather torch.sort
    Tensor.index_add_ Tensor.masked_fill_ torch.chunk torch.split torch.unbind torch.reshape Tensor.expand torch.select
    torch.linalg.qr torch.linalg.norm torch.fft.fft torch.special.expit torch.nn.functional.linear
    torch.nn.functional.conv2d torch.nn.functional.layer_norm torch.nn.functional.batch_norm torch.nn.functional.relu
    torch.nn.functional.cross_entropy torch.nn.functional.mse_loss torch.nn.functional.max_pool2d
    torch.nn.functional.embedding torch.nn.functional.interpolate torch.nn.functional.pad torch.lerp torch.addcmul
    torch.unique torch.special.gammainc torch.linalg.lu torch.nn.functional.ctc_loss torch.grid_sampler torch.embedding_bag
""".split()

catalog = Catalog.load(torch.__version__)


@pytest.fixture(scope="module")
def inputs(composite: frozenset[str]) -> Inputs:
    return Inputs(catalog, 2, composite)


@pytest.fixture(scope="module")
def composite() -> frozenset[str]:
    """The operators that torch's tables do not decide."""
    return frozenset(name for name, operator in derived_facts()[0].items() if not operator.known)


def test_a_gradient_without_a_formula_is_seen_as_one(inputs: Inputs) -> None:
    """What requires a gradient is known although backward raises; what is saved is not."""
    seen = [o for call in inputs.calls("torch.igamma") for o in observe(call) if o.needs == {"self"}]
    assert seen
    assert all(o.opaque and o.differentiable_results == (True,) and not o.saved for o in seen)


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_hold(name: str, inputs: Inputs, composite: frozenset[str]) -> None:
    checked = 0
    for call in inputs.calls(name):
        operator = call.bound.operator
        try:
            seen = list(observe(call))
        except (RuntimeError, TypeError, ValueError, IndexError):
            continue  # torch refuses this variation of the call
        for observation in seen:
            assert list(disagreements(operator, observation, operator.name.partition("[")[0] in composite)) == []
            checked += 1
    assert checked > 0


def test_a_wrong_fact_is_found() -> None:
    """The check itself can fail: exp's facts do not fit what sin does."""
    exp = catalog.operator("exp")
    assert exp is not None
    seen = Observation(
        "torch.sin",
        "sin",
        frozenset({"self"}),
        frozenset({"self"}),
        saved=frozenset({"self"}),
        partly=frozenset({"self"}),
    )
    seen.single_use, seen.node, seen.differentiable_results = True, "SinBackward0", (True,)
    assert any("saves ['self']" in claim for claim in disagreements(exp, seen, composite=False))
