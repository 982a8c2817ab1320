"""Writes past the counter: torch compares gradients before and after, the tape must say the same of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from tests.tape.machine import Machine


def test_data_and_numpy(m: Machine) -> None:
    """They reach a saved result and a saved input alike."""
    for alias in (m.data, m.through_numpy):
        y = m.exp(m.leaf())
        assert m.silently_wrong(y, lambda a=alias, y=y: m.add_(a(y), 1))


def test_views_of_data(m: Machine) -> None:
    """So does a part of it."""
    y = m.exp(m.leaf())
    assert m.silently_wrong(y, lambda: m.add_(m.part(m.data(y), 0, 1), 1))


def test_looking_otherwise_at_data_changes_no_values(m: Machine) -> None:
    """`y.data.unsqueeze_(0)` moves nothing in memory."""
    for name, extra in (("unsqueeze_", (0,)), ("t_", ()), ("transpose_", (0, 1))):
        y = m.exp(m.leaf(2, 2))
        assert not m.silently_wrong(y, lambda n=name, e=extra, y=y: m.do(n, m.data(y), *e))


def test_another_part_does_no_harm(m: Machine) -> None:
    """A part that was not kept may change."""
    y = m.computed(4)
    s = m.sin(m.part(y, 0, 2))
    assert not m.silently_wrong(s, lambda: m.add_(m.part(m.data(y), 2, 4), 1))


def test_what_nobody_kept_may_change(m: Machine) -> None:
    """Multiplying by a number keeps neither side."""
    y = m.mul(m.leaf(), 2.0)
    assert not m.silently_wrong(y, lambda: m.add_(m.data(y), 1))


def test_a_value_that_only_another_gradient_reads(m: Machine) -> None:
    """`x * w` with a plain w keeps w only."""
    x = m.computed()
    product = m.mul(x, m.plain())
    assert not m.silently_wrong(product, lambda: m.add_(m.data(x), 1))


def test_a_parameter_stepped_through_data(m: Machine) -> None:
    """A hand-written update between forward and backward."""
    w = m.leaf()
    product = m.mul(w, m.computed())
    assert m.silently_wrong(product, lambda: m.mul_(m.data(w), 0.5))


def test_assigning_data(m: Machine) -> None:
    """It reaches a saved input, for that is the tensor itself; a saved result keeps the old memory; a copy changes nothing."""
    x = m.computed()
    s = m.sin(x)
    assert m.silently_wrong(s, lambda: m.agreed(m.assign_data(x, m.plain())))


def test_assigning_data_of_a_saved_result(m: Machine) -> None:
    """The node's alias stays where it was."""
    y = m.exp(m.leaf())
    z = m.add(y, 1)
    assert not m.silently_wrong(z, lambda: m.agreed(m.assign_data(y, m.plain())))


def test_assigning_a_copy_of_the_same_values(m: Machine) -> None:
    """`w.data = w.data.clone()`."""
    w = m.leaf()
    product = m.mul(w, m.computed())
    assert not m.silently_wrong(product, lambda: m.agreed(m.assign_data(w, m.clone(m.data(w)))))


def test_memory_shared_past_the_counter(m: Machine) -> None:
    """unsafe_split makes pieces with counters of their own."""
    y = m.exp(m.leaf(4))
    piece = m.unsafe_split(y, 2)[0]
    assert m.silently_wrong(y, lambda: m.zero_(piece))


def test_fused_optimizers(m: Machine) -> None:
    """They change parameters and leave the version alone."""
    w = m.leaf()
    product = m.mul(w, m.computed())
    gradient = m.plain()

    def step() -> None:
        def real() -> None:
            with torch.no_grad():
                torch._fused_sgd_(
                    [w.real],
                    [gradient.real],
                    [],
                    weight_decay=0.0,
                    momentum=0.0,
                    lr=0.5,
                    dampening=0.0,
                    nesterov=False,
                    maximize=False,
                    is_first_step=True,
                )

        outcome = m.run(
            "_fused_sgd_()",
            real,
            lambda results: m.tape.write_past_counter(w.model, m.step, "fused", "_fused_sgd_"),
        )
        m.agreed(outcome)

    assert m.silently_wrong(product, step)
