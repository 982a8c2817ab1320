"""Backward: what runs, in which order it looks, what is freed, what becomes of gradients. Torch judges every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.differential.tape.sides import Both
    from tests.tape.machine import Machine


def test_calls_that_torch_refuses(m: Machine) -> None:
    """No graph, several elements, unused inputs."""
    m.bad(m.plain())
    m.raised(m.call("backward()", m.computed(), lambda r: r.backward(), lambda t: m.tape.backward(t, m.step)))
    assert "appears to not have been used" in (m.grad(m.leaf(), [m.leaf()]).error or "")
    assert m.grad(m.leaf(), [m.leaf()], unused=True).error is None
    assert m.grad(m.leaf(), [m.plain()]).error is not None


def test_a_leaf_is_a_root(m: Machine) -> None:
    """`w.backward()` of a scalar leaf."""
    w = m.tensor(m.scalar(2.0).real, requires_grad=True)
    m.back(w)
    assert w.real.grad is not None


def test_only_nodes_that_run_are_checked(m: Machine) -> None:
    """A spoilt branch off the way does no harm; the same one is found when it is needed."""
    h = m.exp(m.leaf())
    spoilt = m.sin(h)
    m.add_(h, 1)
    m.back(m.mul(m.leaf(), 2.0))
    m.bad(spoilt)


def test_inputs_prune(m: Machine) -> None:
    """`grad(…, [x])` and `backward(inputs=[x])` do not run the branch to w."""
    for use_grad in (True, False):
        x, w = m.leaf(), m.leaf()
        h = m.exp(w)
        loss = m.add(m.mul(x, 2.0), m.mul(h, 1.0))
        m.add_(h, 1)
        if use_grad:
            assert m.grad(loss, [x], retain=True).error is None
            assert m.grad(loss, [w]).error is not None
        else:
            m.back(loss, inputs=[x])
            assert w.real.grad is None


def test_the_producer_of_a_wanted_tensor(m: Machine) -> None:
    """`grad` does not run it, `backward(inputs=…)` does."""
    h = m.exp(m.leaf())
    doubled = m.mul(h, 2.0)
    m.bump(h)
    assert m.grad(doubled, [h], retain=True).error is None
    m.bad(doubled, inputs=[h])


def test_a_node_unpacks_all_it_keeps(m: Machine) -> None:
    """`grad(a * b, [a])` refuses a written a, which only b's gradient reads; q's backward refuses a written r."""
    a, b = m.computed(), m.computed()
    product = m.mul(a, b)
    m.bump(a)
    assert m.grad(product, [a]).error is not None
    q, r = m.linalg_qr(m.computed(3, 3))
    m.add_(r, 1)
    m.bad(q)


def test_the_latest_bad_node_is_reported(m: Machine) -> None:
    """Several are bad: torch and the tape name the same."""
    a = m.exp(m.leaf())
    b = m.tanh(a)
    m.add_(a, 1)
    m.add_(b, 1)
    assert "Tanh" in m.bad(b)


def test_unpacking_goes_by_argument_name(m: Machine) -> None:
    """`maximum(a, d)` and `maximum(d, a)` raise different errors for the same two spoilt operands."""
    texts = set()
    for swapped in (False, True):
        y = m.computed(4)
        piece = m.split(y, 2)[0]
        alias = m.detached(piece)
        z = m.maximum(alias, piece) if swapped else m.maximum(piece, alias)
        with m.no_grad():
            m.add_(y, 1)
        texts.add(m.bad(z))
    assert len(texts) == 2


TWICE: dict[str, Callable[[Machine, Both], Any]] = {
    "add": lambda m, x: m.add(x, 1),
    "neg": lambda m, x: m.neg(x),
    "mean": lambda m, x: m.mean(x),
    "cumsum": lambda m, x: m.cumsum(x, 0),
    "view": lambda m, x: m.view(x, [1, 3]),
    "expand": lambda m, x: m.expand(x, [2, 3]),
    "cat": lambda m, x: m.cat([x, x]),
    "flip": lambda m, x: m.flip(x, [0]),
    "mul": lambda m, x: m.mul(x, x),
    "mul by a number": lambda m, x: m.mul(x, 2.0),
    "div by a number": lambda m, x: m.div(x, 2.0),
    "pow": lambda m, x: m.do("pow.Tensor_Scalar", x, 2),
    "relu": lambda m, x: m.relu(x),
    "abs": lambda m, x: m.abs(x),
    "sort": lambda m, x: m.sort(x)[0],
    "index_select": lambda m, x: m.index_select(x, 0, m.whole(0)),
}


@pytest.mark.parametrize("name", TWICE)
def test_a_second_backward(m: Machine, name: str) -> None:
    """It is refused if the first freed something; never after retain_graph."""
    total = m.agreed(m.op("sum", TWICE[name](m, m.leaf()))).results[0]
    m.back(total, retain=True)
    m.back(total)
    m.agreed(m.backward(total))


def test_a_number_multiplied_with_a_view_that_has_no_history_is_not_kept(m: Machine) -> None:
    """Guards look at the edge, not at requires_grad."""
    y = m.computed(4)
    with m.no_grad():
        view = m.part(y, 0, 2)
    total = m.sum(m.mul(view, 2.0))
    m.back(total)
    m.back(total)
    w = m.plain(2)
    product = m.mul(view, w)
    m.add_(w, 1)
    m.back(product)


def test_shared_subgraphs(m: Machine) -> None:
    """Two losses over one part: refused if it kept something."""
    for part, fine in ((m.exp(m.leaf()), False), (m.add(m.leaf(), 1), True)):
        first, second = m.sum(m.add(part, 2)), m.sum(m.add(part, 1))
        m.back(first)
        m.back(second) if fine else m.bad(second)


def test_freed_comes_before_overwritten(m: Machine) -> None:
    """A freed and overwritten tensor is reported as freed."""
    h = m.exp(m.leaf())
    total = m.sum(h)
    m.back(total)
    m.add_(m.detached(h), 1)
    assert "second time" in m.bad(total)


def test_retained_then_stepped(m: Machine) -> None:
    """retain_graph, an update, and backward again: the version, not the freed graph."""
    w = m.leaf()
    product = m.sum(m.mul(w, m.computed()))
    m.back(product, retain=True)
    with m.no_grad():
        m.mul_(w, 0.9)
    assert "expected version 0" in m.bad(product)


def test_nodes_that_did_not_run_are_not_freed(m: Machine) -> None:
    """`grad(loss, [h])` leaves exp's node whole."""
    h = m.exp(m.leaf())
    total = m.sum(m.add(h, 2))
    m.grad(total, [h])
    m.back(total)


def test_gradients_accumulate(m: Machine) -> None:
    """Afresh first, then in place: the same tensor, one version further."""
    x = m.leaf()
    m.back(m.mul(x, 2.0))
    gradient, model = x.real.grad, x.model.grad
    assert gradient is not None and model is not None
    before = gradient._version, model.version
    m.back(m.mul(x, 2.0))
    assert x.real.grad is gradient and x.model.grad is model
    assert (gradient._version - before[0], model.version - before[1]) == (1, 1)


def test_a_gradient_that_was_kept(m: Machine) -> None:
    """`x.grad * w` keeps it; the next backward adds to it in place."""
    x = m.leaf()
    m.back(m.mul(x, 2.0))
    assert x.real.grad is not None and x.model.grad is not None
    product = m.mul(m.adopt(x.real.grad, x.model.grad), m.leaf())
    m.back(m.mul(x, 2.0))
    assert m.bad(product)


def test_retain_grad_follows_a_write(m: Machine) -> None:
    """`y.retain_grad(); y *= 5`: the gradient of the new y."""
    y = m.mul(m.leaf(), 2.0)
    m.agreed(m.retain(y))
    m.mul_(y, 5.0)
    m.back(y)
    assert y.real.grad is not None and y.model.grad is not None


def test_backward_without_grad_mode(m: Machine) -> None:
    """It runs and checks as ever."""
    y = m.exp(m.leaf())
    total = m.sum(y)
    m.add_(m.detached(y), 1)
    with m.no_grad():
        m.bad(total)


def test_detach_in_place_of_what_was_kept(m: Machine) -> None:
    """A saved input loses its history and is refused; a saved result does not mind; both are still checked for writes."""
    y = m.exp(m.leaf())
    s = m.sin(y)
    m.agreed(m.detach_in_place(y))
    assert "detached in-place" in m.bad(s)
    y = m.exp(m.leaf())
    z = m.add(y, 1)
    m.agreed(m.detach_in_place(y))
    m.back(z)
    y = m.exp(m.leaf())
    z = m.add(y, 1)
    m.agreed(m.detach_in_place(y))
    m.add_(y, 1)
    m.bad(z)


def test_a_tensor_written_after_its_use_is_another_one(m: Machine) -> None:
    """`grad(z, y)` after `y += 1`: z was computed from the old y."""
    y = m.mul(m.leaf(), 1.0)
    z = m.mul(y, 2.0)
    m.add_(y, 1)
    assert m.grad(z, [y]).error is not None


def test_messages_name_the_write_or_the_producer(m: Machine) -> None:
    """A saved input is named by its present history, a saved result by the node that kept it, a constant not at all."""
    x = m.computed()
    s = m.sin(x)
    m.mul_(x, 3.0)
    assert "of Mul," in m.bad(s)
    x = m.computed()
    s = m.sin(x)
    with m.no_grad():
        m.mul_(x, 3.0)
    assert "of Clone," in m.bad(s)
    y = m.computed(4)
    s = m.sin(y)
    m.agreed(m.set_row(y, 1, 2.0))
    assert "torch::autograd::CopySlices" in m.bad(s)
    b = m.plain()
    m.copy_(b, m.leaf())
    s = m.sin(b)
    m.copy_(b, m.leaf())
    assert "torch::autograd::CopyBackwards" in m.bad(s)
    d = m.plain()
    product = m.mul(m.leaf(), d)
    m.add_(d, 1)
    assert "which is output" not in m.bad(product)


def test_kinds_of_tensors_in_messages(m: Machine) -> None:
    """double, half, bfloat16, complex, long, bool."""
    import torch

    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.complex64):
        y = m.exp(m.tensor(torch.ones(3, dtype=dtype), requires_grad=True))
        m.add_(y, 1)
        m.bad(m.abs(y) if dtype.is_complex else y)
    x, index = m.computed(), m.whole(0, 1)
    picked = m.index_select(x, 0, index)
    m.add_(index, 1)
    assert "LongTensor" in m.bad(picked)
    mask = m.mask(True, False, True)
    filled = m.do("masked_fill.Scalar", m.computed(), mask, 0.0)
    m.logical_not_(mask)
    assert "CPUBoolType" in m.bad(filled)


def test_under_anomaly_detection_the_hint_differs(m: Machine) -> None:
    """The backtrace above it tells where."""
    import torch

    y = m.exp(m.leaf())
    m.add_(y, 1)
    m.tape.anomaly_mode = True
    with torch.autograd.detect_anomaly(check_nan=False):
        assert "Good luck!" in m.bad(y)
