"""What a node keeps, seen from outside: which later write makes backward refuse. Torch judges every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from tests.differential.tape.samples import Sample, Slot, fill, fresh, samples
from tests.tape.machine import Machine

if TYPE_CHECKING:
    from tests.differential.tape.sides import Both


def _places(sample: Sample) -> list[int]:
    """Where tensors stand among the positional arguments."""
    return [i for i, value in enumerate(sample.positional) if isinstance(value, (Slot, list))]


@pytest.mark.parametrize("sample", samples(), ids=lambda s: s.operator.name)
def test_every_slot_of_every_operator(m: Machine, sample: Sample) -> None:
    """For each choice of operands that require grad: run, bump one operand or result, backward."""
    places = _places(sample)
    choices = [set(places), *({place} for place in places)] if len(places) > 1 else [set(places)]
    for chosen in choices:
        for slot in range(len(places) + sample.operator.results):
            _run_and_bump(m, sample, chosen, slot)


@pytest.mark.slow
@pytest.mark.parametrize("sample", samples(composite=True), ids=lambda s: s.operator.name)
def test_no_false_claim_about_composite_operators(sample: Sample) -> None:
    """Torch makes them of smaller ones, so messages differ; but where the tape sees a mistake, torch raises."""
    places = _places(sample)
    for chosen in [set(places), *({place} for place in places)]:
        for slot in range(len(places) + sample.operator.results):
            _run_and_bump(Machine(), sample, chosen, slot, exact=False)


def _run_and_bump(m: Machine, sample: Sample, chosen: set[int], slot: int, exact: bool = True) -> None:
    operands: list[Both] = []

    def make(wanted: Slot, requires_grad: bool) -> Both:
        both = m.tensor(fresh(wanted), requires_grad and wanted.dtype == "float")
        operand = m.clone(both) if requires_grad and wanted.dtype == "float" else both
        operands.append(operand)
        return operand

    values = [fill(value, lambda s, i=i: make(s, i in chosen)) for i, value in enumerate(sample.positional)]
    keywords = {name: fill(value, lambda s: make(s, False)) for name, value in sample.keywords.items()}
    outcome = m.op(sample.operator.name, *values, **keywords)
    assert not exact or outcome.disagreement is None, outcome.disagreement
    reachable = [*operands, *(r for r in outcome.results if r not in operands)]
    if outcome.error is not None or slot >= len(reachable):
        return
    target = reachable[slot]
    m.simple("bump", target, torch.autograd.graph.increment_version, lambda t: m.tape.bump(t, m.step))
    roots = [r for r in outcome.results if r.model.requires_grad and r.real.is_floating_point()]
    if roots:
        total = m.op("sum", roots[0])
        for root in total.results:
            end = m.backward(root)
            story = f"{outcome.call}, {sorted(chosen)} require grad, bumped {slot}: {end.disagreement}"
            assert end.disagreement is None or (not exact and (end.error or not end.hazard)), story


def test_saved_results_are_checked_by_name(m: Machine) -> None:
    """`linalg_lu` returns P, L and U, and its node unpacks L, P, U: the message is about the first of these that was written."""
    parts = m.do("linalg_lu", m.computed(3, 3))
    for part in parts:
        m.bump(part)
    m.bad(parts[1])
