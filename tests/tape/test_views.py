"""Views: one counter for a family, history rebased by writes, views that must not be written. Torch judges every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.differential.tape.sides import Both
    from tests.tape.machine import Machine

VIEWS: dict[str, Callable[[Machine, Both], Both]] = {
    "view": lambda m, x: m.view(x, [-1]),
    "expand": lambda m, x: m.expand(x, [2, 4, 4]),
    "select": lambda m, x: m.select(x, 0, 1),
    "diagonal": lambda m, x: m.diagonal(x),
    "unfold": lambda m, x: m.unfold(x, 0, 2, 1),
    "t": lambda m, x: m.t(x),
    "transpose": lambda m, x: m.transpose(x, 0, 1),
    "permute": lambda m, x: m.permute(x, [1, 0]),
    "squeeze": lambda m, x: m.squeeze(x),
    "unsqueeze": lambda m, x: m.unsqueeze(x, 0),
    "slice": lambda m, x: m.part(x, 1, 3),
    "as_strided": lambda m, x: m.as_strided(x, [2], [1]),
    "split": lambda m, x: m.split(x, 2)[1],
    "unbind": lambda m, x: m.unbind(x)[3],
    "detach": lambda m, x: m.detached(x),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_write_to_any_view_reaches_the_saved_base(m: Machine, name: str) -> None:
    """`y = exp(x)` keeps y; writing any view of y moves y's version."""
    y = m.exp(m.leaf(4, 4))
    with m.no_grad():
        view = VIEWS[name](m, y)
        m.zero_(view)
    m.bad(y)


@pytest.mark.parametrize("name", VIEWS)
def test_a_write_to_the_base_reaches_a_saved_view(m: Machine, name: str) -> None:
    """A view of y is kept by `sin`; y is written."""
    y = m.computed(4, 4)
    s = m.sin(VIEWS[name](m, y))
    m.add_(y, 1)
    outcome = m.agreed(m.backward(s)) if s.real.requires_grad else None
    assert outcome is None or outcome.error is not None


@pytest.mark.parametrize("name", VIEWS)
def test_a_tracked_write_through_a_view(m: Machine, name: str) -> None:
    """Some may be written in grad mode, some not; torch says which."""
    y = m.computed(4, 4)
    view = VIEWS[name](m, y)
    m.agreed(m.op("mul_.Tensor", view, 3.0))
    m.agreed(m.backward(y))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_of_a_leaf_is_refused(m: Machine, name: str) -> None:
    """In grad mode; a detached alias is no view."""
    m.agreed(m.op("mul_.Tensor", VIEWS[name](m, m.leaf(4, 4)), 2.0))


def test_another_part_counts_too(m: Machine) -> None:
    """`s = y[0].sin(); y[1] = 0` raises: a family has one counter."""
    y = m.computed(3, 3)
    s = m.sin(m.row(y, 0))
    m.agreed(m.set_row(y, 1, 0.0))
    assert "AsStrided" in m.bad(s)


def test_rows_filled_from_saved_rows(m: Machine) -> None:
    """`out[i] = sin(out[i - 1])` raises, `out[i] = out[i - 1] * 2` does not, nor does a clone of the row."""
    for step, fine in ((m.sin, False), (lambda t: m.mul(t, 2.0), True), (lambda t: m.sin(m.clone(t)), True)):
        out = m.plain(3, 2)
        m.agreed(m.set_row(out, 0, m.leaf(2)))
        for i in (1, 2):
            m.agreed(m.set_row(out, i, step(m.row(out, i - 1))))
        m.back(out) if fine else m.bad(out)


def test_a_buffer_that_joins_the_graph(m: Machine) -> None:
    """`b[:] += p`: views made before join too; a detached alias does not."""
    b = m.plain(4)
    view, alias = m.part(b, 0, 2), m.detached(b)
    m.add_(b, m.leaf(4))
    assert view.real.requires_grad and not alias.real.requires_grad
    m.back(m.mul(view, 2.0))


def test_a_stale_view_of_such_a_buffer_is_taken_for_a_leaf(m: Machine) -> None:
    """Writing it raises until something has looked at it."""
    b = m.plain(4)
    view = m.part(b, 0, 2)
    m.add_(b, m.leaf(4))
    assert "a leaf Variable" in m.refused("add_", view, 1)
    m.agreed(m.looked_at(view))
    m.add_(view, 1)
    m.back(b)


def test_views_made_after_it_joined_are_writable(m: Machine) -> None:
    """So is `b[:2] += 1`, which makes a view each time."""
    b = m.plain(4)
    m.add_(b, m.leaf(4))
    m.add_(m.part(b, 0, 2), 1)
    m.agreed(m.set_part(b, 0, 2, 1.0))
    m.back(b)


def test_old_consumers_keep_their_edges(m: Machine) -> None:
    """`z = v * 2` before `y *= 3` runs backward as it was."""
    y = m.computed(4)
    z = m.mul(m.part(y, 0, 2), 2.0)
    m.mul_(y, 3.0)
    m.back(z)


def test_sibling_views_are_made_anew(m: Machine) -> None:
    """A write through one view is seen through the other."""
    y = m.computed(4)
    a, b = m.part(y, 0, 2), m.part(y, 0, 2)
    m.mul_(a, 3.0)
    m.back(b)


def test_pieces_of_one_node_must_not_be_written(m: Machine) -> None:
    """split, unbind and split_with_sizes; also a slice of a piece, a piece of a leaf, and a piece of a plain tensor with a grad operand."""
    for pieces in (m.split(m.computed(4), 2), m.unbind(m.computed(2, 2)), m.split_with_sizes(m.computed(4), [1, 3])):
        assert "multiple views" in m.refused("add_", pieces[0], 1)
    m.refused("add_", m.part(m.split(m.computed(4), 2)[0], 0, 1), 1)
    m.refused("add_", m.split(m.leaf(4), 2)[0], 1)
    m.refused("add_", m.split(m.plain(4), 2)[0], m.leaf(2))
    m.add_(m.split(m.plain(4), 2)[0], 1)


def test_a_piece_is_poisoned_by_a_write_to_its_base(m: Machine) -> None:
    """Whatever the mode of the write; the base stays fine, and so do what used the piece before and what reads it outside autograd."""
    for grad in (True, False):
        y = m.computed(4)
        piece = m.split(y, 2)[1]
        earlier = m.mul(piece, 2.0)
        with m.enable_grad() if grad else m.no_grad():
            m.add_(y, 1)
        m.detached(piece)
        with m.no_grad():
            m.add(piece, 1)
        m.back(earlier)
        m.back(y)
        assert "its base or another view" in m.refused("add", piece, 1)


def test_a_poisoned_piece_saved_earlier_is_refused_at_backward(m: Machine) -> None:
    """With the view's message, not the version's."""
    y = m.computed(4)
    s = m.sin(m.split(y, 2)[0])
    m.add_(y, 1)
    assert "its base or another view" in m.bad(s)


def test_a_piece_written_without_grad_mode_is_poisoned_itself(m: Machine) -> None:
    """The write is let pass, the next use is not."""
    piece = m.split(m.computed(4), 2)[0]
    with m.no_grad():
        m.add_(piece, 1)
    m.refused("mul", piece, 2.0)


def test_looking_at_a_poisoned_piece_raises(m: Machine) -> None:
    """Even `.grad_fn` does."""
    y = m.computed(4)
    piece = m.split(y, 2)[0]
    m.add_(y, 1)
    m.raised(m.looked_at(piece))


def test_views_made_without_grad_mode(m: Machine) -> None:
    """They require grad but have no history; written in grad mode they are refused, written before they are unusable."""
    for base in (m.computed(4), m.leaf(4)):
        with m.no_grad():
            view, other = m.part(base, 0, 2), m.part(base, 0, 2)
        assert view.real.requires_grad
        m.back(m.mul(view, 2.0))  # the gradient goes nowhere
        assert "no_grad" in m.refused("add_", view, 1)
        with m.no_grad():
            m.add_(other, 1)
        m.refused("mul", view, 2.0)
    with m.no_grad():
        plain = m.part(m.plain(4), 0, 2)
    m.add_(plain, 1)
    m.refused("add_", plain, m.leaf(2))


def test_a_view_of_such_a_view_names_itself(m: Machine) -> None:
    """`… is a view of a view which was created in no_grad mode …`."""
    y = m.computed(4)
    with m.no_grad():
        view = m.part(y, 0, 3)
    inner = m.part(view, 0, 2)
    assert "view of a view" in m.refused("add_", inner, 1)
    m.add_(y, 1)
    m.refused("mul", inner, 2.0)


def test_how_creation_is_inherited(m: Machine) -> None:
    """Every mode of a view against every mode of a view of it; torch words each refusal."""
    for outer in (m.enable_grad, m.no_grad, m.inference):
        for inner in (m.enable_grad, m.no_grad, m.inference):
            for split in (False, True):
                y = m.computed(4)
                with outer():
                    view = m.part(y, 0, 4)
                with inner():
                    piece = m.split(view, 2)[0] if split else m.part(view, 0, 2)
                m.agreed(m.op("add_.Tensor", piece, 1))


def test_a_detached_alias_that_joins_the_graph_joins_alone(m: Machine) -> None:
    """`d = y.detach(); d += p`: y's history does not know of p."""
    p, y = m.leaf(4), m.computed(4)
    m.add_(m.detached(y), p)
    m.back(y)
    assert p.real.grad is None


def test_copy_slices_serve_one_backward(m: Machine) -> None:
    """`y[0:2] = 1` keeps nothing, and the graph is spent after one backward all the same; filling all of y is not."""
    y = m.add(m.leaf(4), 0)
    m.agreed(m.set_part(y, 0, 2, 1.0))
    total = m.sum(y)
    m.back(total)
    m.bad(total)
    y = m.add(m.leaf(4), 0)
    m.do("fill_.Scalar", y, 1.0)
    total = m.sum(y)
    m.back(total)
    m.back(total)


def test_complex_views_are_made_anew_as_themselves(m: Machine) -> None:
    """A view_as_real is written through, and its base is written under it."""
    z = m.view_as_complex(m.computed(3, 2))
    pair = m.view_as_real(z)
    m.mul_(z, 2.0)
    s = m.sin(pair)
    m.mul_(pair, 2.0)
    assert "ViewAsReal" in m.bad(s)


def test_layout_changes_in_place_are_writes(m: Machine) -> None:
    """`y = exp(x); y.unsqueeze_(0)` raises at backward; without a save nothing happens."""
    for name, extra in (("unsqueeze_", (0,)), ("t_", ()), ("squeeze_", ()), ("transpose_", (0, 1))):
        y = m.exp(m.leaf(2, 2))
        m.do(name, y, *extra)
        m.bad(y)
        y = m.computed(2, 2)
        m.do(name, y, *extra)
        m.back(y)
        m.refused(name, m.leaf(2, 2), *extra)


def test_layout_changes_in_place_leave_the_base_its_history(m: Machine) -> None:
    """A graph made before leads to the base still, so its saved tensors are checked; after `neg_` it leads past it."""
    for name, extra in (("unsqueeze_", (0,)), ("t_", ()), ("transpose_", (0, 1)), ("neg_", ())):
        base = m.computed(2, 2)
        view = m.part(base, 0, 2)
        s = m.sin(view)
        m.do(name, view, *extra)
        m.grad(s, [base])


def test_messages_name_what_the_saved_view_hangs_on(m: Machine) -> None:
    """A view written in place is named by its own history while the program holds it, by the writer when not."""
    for held in (True, False):
        y = m.computed(4)
        view = m.part(y, 0, 2)
        m.sigmoid_(view)
        if not held:
            m.forget(view)
            del view
        m.tanh_(m.part(y, 2, 4))
        text = m.bad(y)
        assert ("Sigmoid" in text) != held
