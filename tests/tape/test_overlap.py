"""Memory that overlaps, for every in-place operator of the catalog that has a sample. Torch judges every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.differential.tape.samples import Sample, Slot, fill, fresh, samples

if TYPE_CHECKING:
    from tests.differential.tape.sides import Both
    from tests.tape.machine import Machine

_IN_PLACE = [s for s in samples() if s.operator.writes and isinstance(s.positional[0], Slot) and s.positional[0].shape]
_WITH_OPERAND = [s for s in _IN_PLACE if s.positional[0] in s.positional[1:]]


def _run(m: Machine, sample: Sample, target: Both, operand: Both | None = None) -> None:
    """Write `target`, with `operand` in every place of its kind; a call that torch refuses for its shapes says nothing."""

    def make(slot: Slot) -> Both:
        return operand if operand is not None and slot == sample.positional[0] else m.tensor(fresh(slot))

    others = [fill(value, make) for value in sample.positional[1:]]
    keywords = {name: fill(value, make) for name, value in sample.keywords.items()}
    outcome = m.op(sample.operator.name, target, *others, **keywords)
    assert outcome.foreign or outcome.disagreement is None, outcome.disagreement


@pytest.mark.parametrize("sample", _IN_PLACE, ids=lambda s: s.operator.name)
def test_expanded_target(m: Machine, sample: Sample) -> None:
    """The target holds several elements in one place."""
    shape = sample.positional[0].shape  # type: ignore[attr-defined]
    row = m.tensor(fresh(Slot((1, *shape[1:]), "float")))
    _run(m, sample, m.expand(row, list(shape)))


@pytest.mark.parametrize("sample", _WITH_OPERAND, ids=lambda s: s.operator.name)
def test_operand_is_the_target(m: Machine, sample: Sample) -> None:
    """The operand is the target itself, then an alias of it."""
    target = m.tensor(fresh(sample.positional[0]))  # type: ignore[arg-type]
    _run(m, sample, target, target)
    _run(m, sample, target, m.detached(target))


@pytest.mark.parametrize("sample", _WITH_OPERAND, ids=lambda s: s.operator.name)
def test_operand_lies_partly_in_the_target(m: Machine, sample: Sample) -> None:
    """The operand is the target shifted by one row, or its transpose."""
    shape = sample.positional[0].shape  # type: ignore[attr-defined]
    whole = m.tensor(fresh(Slot((shape[0] + 1, *shape[1:]), "float")))
    _run(m, sample, m.part(whole, 1, shape[0] + 1), m.part(whole, 0, shape[0]))
    if len(shape) > 1 and shape[-1] == shape[-2]:
        target = m.tensor(fresh(Slot(shape, "float")))
        _run(m, sample, target, m.transpose(target, -1, -2))


def test_expanded_row_is_written_in_silence(m: Machine) -> None:
    """A row of an expanded tensor does not overlap itself: all rows change and nothing is raised."""
    expanded = m.expand(m.plain(3), [2, 3])
    m.agreed(m.set_row(expanded, 0, 1.0))
    m.refused("copy_", expanded, m.plain(2, 3))


def test_overlap_is_checked_without_grad_mode_too(m: Machine) -> None:
    """The check belongs to the kernel."""
    with m.no_grad():
        m.refused("add_", m.expand(m.plain(3), [2, 3]), 1)


def test_overlap_that_is_not_of_stride_zero_is_let_pass(m: Machine) -> None:
    """`unfold` makes windows that overlap; torch looks at strides of 0 only."""
    m.add_(m.unfold(m.plain(6), 0, 3, 1), 1)


def test_disjoint_halves_do_not_overlap(m: Machine) -> None:
    """`x[:2] += x[2:]` is fine, `x[1:] += x[:-1]` is not."""
    x = m.plain(4)
    m.add_(m.part(x, 0, 2), m.part(x, 2, 4))
    m.refused("add_", m.part(x, 1, 4), m.part(x, 0, 3))


def test_leaf_check_comes_before_the_overlap(m: Machine) -> None:
    """An expanded view of a leaf is refused as a view of a leaf."""
    assert "view of a leaf" in m.refused("add_", m.expand(m.leaf(3), [2, 3]), 1)


def test_an_array_has_a_storage_of_its_own(m: Machine) -> None:
    """`from_numpy(x.numpy())` lies in the memory of x, which kernels do not see; of the array itself they see every part."""
    x = m.whole(0, 1, 0, 1)
    array = m.through_numpy(m.plain(4))
    m.do("scatter_.src", array, 0, x, m.through_numpy(array))
    assert "single memory location" in m.refused("copy_", m.part(array, 0, 3), m.part(array, 1, 4))
