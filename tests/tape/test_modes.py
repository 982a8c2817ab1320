"""Leaves, grad mode and inference mode: what is refused at the write. Torch judges every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tape.machine import Machine


def test_leaves(m: Machine) -> None:
    """A leaf that requires grad, and a view of one, may not be written in grad mode; nothing is left of the attempt."""
    w = m.leaf()
    assert "a leaf Variable" in m.refused("add_", w, 1)
    assert "a view of a leaf" in m.raised(m.set_row(w, 0, 1.0))
    m.refused("copy_", w, m.plain())
    assert w.real._version == 0
    with m.no_grad():
        m.add_(w, 1)
        m.agreed(m.set_row(w, 0, 2.0))
    with m.inference():
        m.add_(w, 1)
    m.add_(m.detached(w), 1)
    m.add_(m.data(w), 1)
    m.add_(m.plain(), 1)
    m.agreed(m.set_row(m.clone(w), 0, 0.0))


def test_a_view_made_before_its_base_became_a_leaf_that_requires_grad(m: Machine) -> None:
    """`v = w[:2]; w.requires_grad_(); v += 1`."""
    w = m.plain(4)
    view = m.part(w, 0, 2)
    m.agreed(m.requires(w))
    m.refused("add_", view, 1)


def test_the_tensor_behind_a_parameter(m: Machine) -> None:
    """It may be written, and the parameter's consumers notice."""
    behind = m.plain()
    product = m.mul(m.parameter(behind), m.computed())
    m.add_(behind, 1)
    m.bad(product)


def test_flags(m: Machine) -> None:
    """Who may ask for what."""
    m.raised(m.requires(m.computed(), False))
    m.agreed(m.requires(m.computed(), True))
    m.raised(m.requires(m.whole(1, 2)))
    m.raised(m.retain(m.plain()))
    m.raised(m.detach_in_place(m.part(m.computed(), 0, 2)))


def test_freezing_does_not_erase(m: Machine) -> None:
    """After the forward, a leaf set to requires_grad False may be written, and backward raises; unwritten, it gets no gradient."""
    w = m.leaf()
    product = m.mul(w, m.computed())
    m.agreed(m.requires(w, False))
    m.add_(w, 1)
    m.bad(product)
    w = m.leaf()
    doubled = m.mul(w, 2.0)
    m.agreed(m.requires(w, False))
    m.back(doubled)
    assert w.real.grad is None


def test_without_grad_mode_nothing_is_kept(m: Machine) -> None:
    """Neither by operators nor by writes; values change and the graph does not."""
    x = m.leaf()
    with m.no_grad():
        y = m.exp(x)
        with m.enable_grad():
            z = m.exp(x)
    m.add_(y, 1)
    m.add_(z, 1)
    m.bad(z)
    buffer = m.plain()
    with m.no_grad():
        m.add_(buffer, m.leaf())
    assert not buffer.real.requires_grad


def test_no_mode_protects_a_saved_tensor(m: Machine) -> None:
    """no_grad, inference_mode and detach move the counter as well."""
    for mode in (m.no_grad, m.inference):
        y = m.exp(m.leaf())
        with mode():
            m.add_(y, 1)
        m.bad(y)
    y = m.exp(m.leaf())
    m.add_(m.detached(y), 1)
    m.bad(y)


@pytest.mark.parametrize("grad", [True, False])
def test_an_inference_tensor_must_not_be_written_outside(m: Machine, grad: bool) -> None:
    """Whatever the grad mode; nor may a view of it."""
    with m.inference():
        i, other = m.plain(), m.plain()
        m.add_(i, 1)
    view = m.part(other, 0, 2)
    with m.enable_grad() if grad else m.no_grad():
        assert "inference tensor" in m.refused("add_", i, 1)
        m.refused("add_", view, 1)


def test_what_an_inference_tensor_is_good_for(m: Machine) -> None:
    """It may be added, cloned, copied from, written where it was made; aliases made outside have counters."""
    with m.inference():
        i = m.plain()
    m.back(m.add(m.leaf(), i))
    m.add_(m.clone(i), 1)
    m.copy_(m.plain(), i)
    m.add_(m.detached(i), 1)
    m.add_(m.data(i), 1)
    with m.inference():
        m.add_(i, 1)
    m.raised(m.requires(i))


def test_an_inference_tensor_must_not_be_kept(m: Machine) -> None:
    """Neither as a factor nor as an index."""
    with m.inference():
        i = m.plain()
    m.refused("mul", m.leaf(), i)


def test_an_index_made_in_inference_mode_must_not_be_kept(m: Machine) -> None:
    """`index_select` keeps its index."""
    with m.inference():
        index = m.whole(0, 1)
    m.refused("index_select", m.computed(), 0, index)


def test_views_made_in_inference_mode(m: Machine) -> None:
    """Of a plain tensor they may be written outside, of one that requires grad not."""
    plain, computed = m.plain(), m.computed()
    with m.inference():
        first, second = m.part(plain, 0, 2), m.part(computed, 0, 2)
    m.add_(first, 1)
    assert "inference mode" in m.refused("add_", second, 1)


def test_backward_in_inference_mode(m: Machine) -> None:
    """It runs, and leaves inference tensors as gradients, to which no later backward can add."""
    x = m.leaf()
    y, z = m.sum(m.exp(x)), m.sum(m.exp(x))
    with m.inference():
        m.back(y)
    m.bad(z)


def test_what_optimizers_do(m: Machine) -> None:
    """Step between forward and backward: harmless for a weight that no node kept."""
    first, second = m.leaf(3, 3), m.leaf(3, 3)
    x = m.plain(2, 3)
    for stepped, fine in ((first, True), (second, False)):
        loss = m.sum(m.mm(m.mm(x, first), second))
        with m.no_grad():
            m.mul_(stepped, 0.9)
        m.back(loss) if fine else m.bad(loss)
