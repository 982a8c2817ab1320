"""`torch._foreach_*`: one operator on lists of tensors. Torch judges every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tape.machine import Machine


def test_in_place_forms_check_all_before_they_write_one(m: Machine) -> None:
    """A leaf at the end of the list keeps the tensor before it from being written."""
    plain = m.plain()
    assert "a leaf" in m.refused("_foreach_exp_", [plain, m.leaf()])
    assert plain.real._version == 0


def test_in_place_forms_save_all_before_they_write_one(m: Machine) -> None:
    """The operand of the second item is the first target: it is saved as it was, and overwritten by the same call."""
    first, second = m.plain(), m.computed()
    m.do("_foreach_mul_.List", [first, second], [m.plain(), first])
    m.bad(second)


@pytest.mark.parametrize("index", [0, 1])
def test_each_saved_result_is_checked(m: Machine, index: int) -> None:
    """`_foreach_exp` keeps all its results in one node, and backward reads them all."""
    results = m.do("_foreach_exp", [m.leaf(), m.leaf()])
    m.add_(results[index], 1)
    m.bad(results[0])


def test_a_gradient_flows_to_its_own_item_only(m: Machine) -> None:
    """Backward of the first result leaves the second operand without a gradient."""
    one, other = m.leaf(), m.leaf()
    m.back(m.do("_foreach_sin", [one, other])[0])
    assert one.real.grad is not None
    assert other.real.grad is None


def test_without_a_derivative_one_item_decides_for_all(m: Machine) -> None:
    """`_foreach_copy_` is recorded for every target as soon as one source requires a gradient."""
    targets = [m.plain(), m.plain()]
    m.do("_foreach_copy_", targets, [m.plain(), m.computed()])
    assert [target.real.requires_grad for target in targets] == [True, True]


def test_in_place_forms_stop_at_memory_that_overlaps(m: Machine) -> None:
    """Each item is written by itself: those before the expanded one are, those after it are not."""
    before, after = m.plain(), m.plain()
    m.refused("_foreach_mul_.Scalar", [before, m.do("expand", m.plain(1), (3,)), after], 2.0)
    assert (before.real._version, after.real._version) == (1, 0)
    assert (before.model.counter.version, after.model.counter.version) == (1, 0)


def test_in_place_forms_keep_results_when_all_are_written(m: Machine) -> None:
    """The second item is a part of the first: what the first keeps is the result after both writes."""
    whole = m.computed(4)
    m.do("_foreach_exp_", [whole, m.part(whole, 0, 2)])
    m.back(whole)
