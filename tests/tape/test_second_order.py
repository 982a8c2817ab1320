"""Backward with create_graph: what the tape claims of derivatives of derivatives is true. What it does not claim is not tested.

For each operator the gradient of its result is taken with a graph, something is written, and the gradient is backpropagated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from tests.differential.tape.samples import Sample, Slot, fill, fresh, samples
from tests.differential.tape.sides import is_silent
from tests.tape.machine import Machine

if TYPE_CHECKING:
    from tests.differential.tape.sides import Both

_OPERATORS = [s for s in (*samples(), *samples(composite=True)) if s.operator.view == "never" and not s.operator.writes]


def _prepare(sample: Sample, weighted: bool) -> tuple[Machine, list[Both], Both] | None:
    """The machine, what may be written, and the gradient with its graph; None if there is none."""
    m = Machine()
    writable: list[Both] = []
    operands: list[Both] = []

    def make(slot: Slot) -> Both:
        if slot.dtype != "float":
            writable.append(m.tensor(fresh(slot)))
            return writable[-1]
        factor = m.plain(*slot.shape) if slot.shape else m.scalar(0.5)
        operands.append(m.mul(m.tensor(fresh(slot), requires_grad=True), factor))
        writable.extend((factor, operands[-1]))
        return operands[-1]

    values = [fill(value, make) for value in sample.positional]
    outcome = m.op(sample.operator.name, *values, **{k: fill(v, make) for k, v in sample.keywords.items()})
    roots = [r for r in outcome.results if r.model.requires_grad and r.real.is_floating_point()]
    # Some composite operators hand out what they have written themselves, or a view: not what this test is about.
    if outcome.error is not None or outcome.disagreement is not None or not roots or not operands:
        return None
    root = roots[0]
    writable.extend(outcome.results)
    if weighted:
        writable.append(m.computed(*root.real.shape) if root.real.dim() else m.clone(m.leaf(1)))
        root = m.mul(root, writable[-1])
    outcome = m.gradients(root, operands, create=True, unused=True)
    gradients = [g for g in outcome.results if g.real.requires_grad and g.model.requires_grad]
    return (m, writable, gradients[0]) if outcome.error is None and gradients else None


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("sample", _OPERATORS, ids=lambda s: s.operator.name)
def test_no_false_claim(sample: Sample, weighted: bool) -> None:
    """Where the tape sees a mistake, torch raises; `None` in the loop writes nothing and runs backward twice."""
    prepared = _prepare(sample, weighted)
    for index in range(-1, len(prepared[1]) if prepared else -1):
        m, writable, gradient = _prepare(sample, weighted) or pytest.fail("no gradient")
        if index >= 0:
            torch.autograd.graph.increment_version(writable[index].real)
            m.tape.bump(writable[index].model, m.step)
        for _ in range(2 if index < 0 else 1):
            raised = None
            try:
                gradient.real.sum().backward()
            except RuntimeError as error:
                raised = str(error)
            known = len(m.tape.hazards)
            m.step += 1
            m.tape.backward(gradient.model, m.step, gradients=[gradient.model])
            loud = [h for h in m.tape.hazards[known:] if not is_silent(h)]
            assert raised is not None or not loud, f"written: {index}, claimed: {loud[0]}"


def test_a_cube_keeps_its_base_again(m: Machine) -> None:
    """`grad(x ** 3)` is `3 * x ** 2`: writing x is found; `grad(x * x)` keeps factors only that nobody needs."""
    for power, fine in ((True, False), (False, True)):
        x = m.computed()
        y = m.do("pow.Tensor_Scalar", x, 3) if power else m.mul(x, x)
        (gradient,) = m.grad(y, [x], create=True).results
        m.bump(x)
        m.back(gradient) if fine else m.bad(gradient)


def test_the_gradient_of_exp_leads_to_exp(m: Machine) -> None:
    """It is exp's own result times the incoming gradient."""
    x = m.leaf()
    y = m.exp(x)
    (gradient,) = m.grad(y, [x], create=True).results
    m.add_(y, 1)
    m.bad(gradient)


def test_a_gradient_penalty_after_a_step(m: Machine) -> None:
    """The gradient of a layer's input hangs on its weight."""
    w, x = m.leaf(3, 3), m.leaf(2, 3)
    (gradient,) = m.grad(m.tanh(m.mm(x, w)), [x], create=True).results
    with m.no_grad():
        m.mul_(w, 0.9)
    outcome = m.backward(m.do("pow.Tensor_Scalar", gradient, 2))
    assert outcome.error is not None and outcome.hazard is not None  # torch names the transpose it made inside


def test_without_create_graph_a_gradient_has_no_history(m: Machine) -> None:
    """It may be written freely."""
    x = m.leaf()
    (gradient,) = m.gradients(m.mul(x, x), [x]).results
    assert gradient.real.requires_grad is gradient.model.requires_grad is gradient.model.maybe_grad is False


def test_accumulation_is_out_of_place(m: Machine) -> None:
    """With create_graph, `.grad` is another tensor after each backward, and part of the graph."""
    x = m.leaf()
    m.back(m.do("pow.Tensor_Scalar", x, 2), create=True)
    first = x.real.grad, x.model.grad
    m.back(m.do("pow.Tensor_Scalar", x, 2), create=True)
    assert (x.real.grad is first[0]) == (x.model.grad is first[1]) is False
    assert isinstance(x.real.grad, torch.Tensor) and x.real.grad.requires_grad
    assert x.model.grad is not None and x.model.grad.requires_grad
