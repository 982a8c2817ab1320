"""Counters: who moves them, who shares them. Every call compares `_version` of every tensor on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from tests.differential.tape.sides import Both
    from tests.tape.machine import Machine


def test_only_writes_count(m: Machine) -> None:
    """In-place operators move the counter by one, whatever they write; out-of-place ones do not."""
    x = m.plain()
    m.add(x, 1)
    for write in (lambda: m.add_(x, 0), lambda: m.copy_(x, x), lambda: m.zero_(x), lambda: m.normal_(x)):
        before = x.real._version
        write()
        assert x.real._version == before + 1
    m.add_(m.tensor(torch.empty(0)), 1)


def test_writes_through_views_and_aliases_share_the_counter(m: Machine) -> None:
    """Base, view, view of a view, detached alias, nn.Parameter."""
    x = m.plain(4, 4)
    inner = m.part(m.row(x, 1), 2, 4)
    m.add_(m.detached(inner), 1)
    m.agreed(m.set_row(x, 0, 1.0))
    parameter = m.parameter(x)
    m.add_(x, 1)
    assert parameter.real._version == x.real._version == inner.real._version == 3


def test_data_has_a_counter_of_its_own(m: Machine) -> None:
    """A new one at each access; views of `.data` share that one."""
    x = m.plain()
    m.add_(x, 1)
    data = m.data(x)
    m.add_(data, 1)
    m.add_(m.part(data, 0, 1), 1)
    assert (x.real._version, data.real._version, m.data(x).real._version) == (1, 2, 0)


def test_a_clone_starts_anew(m: Machine) -> None:
    """And a view starts where its family is."""
    x = m.plain(3, 3)
    m.add_(x, 1)
    assert m.clone(x).real._version == 0
    assert m.row(x, 0).real._version == 1


def test_no_grad_and_inference_mode_do_not_stop_the_counter(m: Machine) -> None:
    """Nor does an empty selection."""
    x = m.plain()
    with m.no_grad():
        m.add_(x, 1)
    with m.inference():
        m.add_(x, 1)
    m.agreed(m.set_part(x, 3, 3, 0.0))
    assert x.real._version == 3


def test_out_arguments(m: Machine) -> None:
    """They are written; refused in grad mode if anything requires grad, found at backward if a node kept them."""
    a, b = m.plain(), m.plain()
    m.do("add.out", a, 1, out=b)
    assert m.refused("add.out", m.leaf(), 1, out=b).startswith("add(): functions with out=")
    m.refused("add.out", a, 1, out=m.leaf())
    with m.no_grad():
        m.do("add.out", m.leaf(), 1, out=b)
    w = m.plain()
    y = m.mul(m.leaf(), w)
    m.do("add.out", a, 1, out=w)
    m.bad(y)


def test_set_keeps_the_counter_and_changes_the_memory(m: Machine) -> None:
    """`x.set_(y)` counts as a write of x; the two have two counters after it."""
    x, y = m.plain(), m.plain()
    m.agreed(m.set_to(x, y))
    m.add_(x, 1)
    assert (x.real._version, y.real._version) == (2, 0)
    w = m.plain()
    product = m.mul(m.leaf(), w)
    m.agreed(m.set_to(w, m.plain()))
    m.bad(product)
    m.raised(m.set_to(m.leaf(), m.plain()))
    computed = m.computed()
    m.agreed(m.set_to(computed, m.plain()))
    assert "set_" in m.bad(computed)


def test_views_stay_on_the_old_memory(m: Machine) -> None:
    """`y.set_()` while a view of y exists: one counter still, two memories."""
    y = m.plain(4)
    view = m.part(y, 0, 2)
    m.agreed(m.set_to(y, m.plain(4)))
    m.add_(view, 1)
    assert view.model.storage is not y.model.storage
    assert view.real.untyped_storage().data_ptr() != y.real.untyped_storage().data_ptr()


def test_assigning_data_moves_no_counter(m: Machine) -> None:
    """`x.data = y` puts x on y's memory under x's counter."""
    x, y = m.plain(), m.plain()
    m.add_(x, 1)
    m.agreed(m.assign_data(x, y))
    m.add_(x, 1)
    assert (x.real._version, y.real._version) == (2, 0)


def test_a_leaf_on_other_memory_is_another_input(m: Machine) -> None:
    """After `set_` (and after `.data` of another dtype) `grad(…, [w])` no longer finds what was computed from w."""
    w = m.leaf()
    doubled = m.mul(w, 2.0)
    with m.no_grad():
        m.agreed(m.assign_data(w, m.plain()))
    assert m.grad(doubled, [w], retain=True).error is None
    with m.no_grad():
        m.agreed(m.set_to(w, m.plain()))
    assert m.grad(doubled, [w], retain=True).error is not None
    w = m.leaf()
    doubled = m.mul(w, 2.0)
    m.agreed(m.assign_data(w, m.tensor(torch.rand(3, dtype=torch.float64))))
    assert m.grad(doubled, [w], retain=True).error is not None


def test_what_ends_in_an_underscore_and_is_no_write(m: Machine) -> None:
    """requires_grad_, detach_, retain_grad."""
    x, y = m.leaf(), m.computed()
    m.agreed(m.retain(y))
    m.agreed(m.detach_in_place(y))
    m.agreed(m.requires(m.plain()))
    m.agreed(m.requires(x, False))
    assert x.real._version == y.real._version == 0


def test_resize(m: Machine) -> None:
    """A write if the size changes; refused for what requires grad."""

    def resize(both: Both, size: int) -> object:
        changes = both.real.numel() != size
        outcome = m.simple(
            "resize_()",
            both,
            lambda r: r.resize_(size),
            lambda t: m.tape.resize_(t, m.step, t.geometry, changes=changes),
        )
        return m.agreed(outcome).error

    x = m.plain()
    assert resize(x, 3) is None and x.real._version == 0
    assert resize(x, 5) is None and x.real._version == 1
    assert resize(m.computed(), 5) is not None


def test_foreach_writes_each_tensor_once(m: Machine) -> None:
    """`torch._foreach_add_([a, b], 1)`; refused for pieces of a split."""
    a, b = m.plain(), m.plain()
    m.do("_foreach_add_.Scalar", [a, b], 1)
    m.do("_foreach_mul_.List", [a], [b])
    assert (a.real._version, b.real._version) == (2, 1)
    m.refused("_foreach_add_.Scalar", list(m.split(m.computed(4), 2)), 1)
    y, w = m.computed(), m.plain()
    m.do("_foreach_mul_.List", [y], [w])
    m.add_(w, 1)
    m.bad(y)
