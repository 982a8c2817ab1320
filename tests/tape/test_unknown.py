"""What the tape does not know it does not report; what it is sure of it reports all the same."""

from __future__ import annotations

import pytest

from gradguard.tape.tape import Tape
from gradguard.tape.tensor import Tensor
from tests.differential.tape.sides import operator


@pytest.fixture
def tape() -> Tape:
    """A tape of its own: there is nothing here that torch could judge."""
    return Tape()


def _run(tape: Tape, name: str, *tensors: object, as_view: bool | None = None) -> Tensor:
    facts = operator(name)
    names = [argument.name for argument in facts.arguments]
    return tape.apply(facts, dict(zip(names, tensors, strict=False)), (name, tape.clock), as_view=as_view)[0]


def test_nothing_is_reported_of_an_unknown_tensor(tape: Tape) -> None:
    """It may require grad or not, and share memory with anything."""
    x = tape.unknown("x")
    y = _run(tape, "exp", x)
    tape.write(y, "write y")
    tape.write(x, "write x")
    tape.backward(y, "backward")
    assert not tape.hazards


def test_a_known_operand_makes_the_node_sure(tape: Tape) -> None:
    """`unknown * w` has a node because w requires grad, and its own result may be kept by the next."""
    w = tape.tensor("w", requires_grad=True)
    y = _run(tape, "exp", _run(tape, "mul.Tensor", tape.unknown("x"), w))
    tape.write(y, "write")
    tape.backward(y, "backward")
    assert [type(h).__name__ for h in tape.hazards] == ["SavedVersionMoved"]


def test_a_factor_is_kept_for_the_sake_of_a_known_one_only(tape: Tape) -> None:
    """`unknown * d` keeps d if the unknown requires grad: nothing is claimed, and the write of d knows that."""
    d = tape.tensor("d")
    y = _run(tape, "mul.Tensor", tape.unknown("x"), d)
    tape.write(d, "write")
    tape.backward(y, "backward")
    assert not tape.hazards
    assert tape.writes[0].maybe_saved


@pytest.mark.parametrize(("as_view", "reported"), [(True, True), (False, False), (None, False)])
def test_a_view_or_a_copy(tape: Tape, as_view: bool | None, reported: bool) -> None:
    """`reshape` decides by strides; if they are not known, nothing is said of its result."""
    y = _run(tape, "exp", tape.tensor("w", requires_grad=True))
    facts = operator("view")
    maybe = type(facts)(**{name: getattr(facts, name) for name in facts.__slots__} | {"name": "maybe", "view": "maybe"})
    (reshaped,) = tape.apply(maybe, {"self": y}, "reshape", as_view=as_view)
    tape.write(reshaped, "write")
    tape.backward(y, "backward")
    assert bool(tape.hazards) is reported


def test_an_input_may_be_used_out_of_sight(tape: Tape) -> None:
    """`grad((unknown * w).sum(), [x])`: the unknown may have been made of x."""
    x, w = tape.tensor("x", requires_grad=True), tape.tensor("w", requires_grad=True)
    product = _run(tape, "mul.Tensor", tape.unknown("made"), w)
    tape.grad(product, [x], "grad", gradients=[tape.tensor("ones")])
    tape.grad(tape.unknown("loss"), [x], "grad")
    assert not tape.hazards
    tape.grad(_run(tape, "exp", w), [x], "grad", gradients=[tape.tensor("ones")])
    assert len(tape.hazards) == 1


def test_forgetting(tape: Tape) -> None:
    """After a call into the unknown, what it could reach may have been written, saved, detached."""
    w = tape.tensor("w", requires_grad=True)
    y = _run(tape, "exp", w)
    tape.forget([y, w])
    tape.write(y, "write y")
    tape.write(w, "write w")
    tape.backward(y, "backward")
    assert not tape.hazards


def test_an_operator_that_could_not_be_measured(tape: Tape) -> None:
    """Its results are unknown."""
    facts = operator("exp")
    unmeasured = type(facts)(
        **{name: getattr(facts, name) for name in facts.__slots__} | {"name": "odd", "known": False}
    )
    w = tape.tensor("w", requires_grad=True)
    (y,) = tape.apply(unmeasured, {"self": w}, "odd")
    tape.write(y, "write")
    tape.backward(y, "backward")
    assert y.uncertain and y.maybe_grad and not tape.hazards


def test_layouts_that_are_not_known_do_not_overlap(tape: Tape) -> None:
    """Neither with themselves nor with others."""
    x = tape.tensor("x")
    view = tape.view(x, "view", "expand", "ExpandBackward0")
    tape.write(view, "write", others=(x,))
    assert not tape.hazards


def test_a_mistake_is_recorded_once(tape: Tape) -> None:
    """However often backward comes by; another write is another mistake."""
    y = _run(tape, "exp", tape.tensor("w", requires_grad=True))
    tape.write(y, "first")
    for step in range(3):
        tape.backward(y, step, retain_graph=True)
    assert len(tape.hazards) == 1
    w = tape.tensor("w", requires_grad=True)
    for origin in ("a", "a", "b"):
        tape.write(w, origin)
    assert len(tape.hazards) == 3


def test_what_was_kept_when_a_write_happened(tape: Tape) -> None:
    """Hovers and hints ask for it: saves of the view family, until a backward frees them."""
    y = _run(tape, "exp", tape.tensor("w", requires_grad=True))
    tape.write(y, "before")
    z = _run(tape, "sin", y)
    with_both = (tape.write(tape.detach(y, "alias"), "between"), tape.writes[-1])[1]
    tape.backward(z, "backward")
    tape.write(y, "after")
    before, after = tape.writes[0], tape.writes[-1]
    assert [s.node.operator for s in before.saves] == ["exp"]
    assert [s.node.operator for s in with_both.saves] == ["exp", "sin"]
    assert after.saves == []
    assert before.tracked and not with_both.tracked
    assert (before.write.version, with_both.write.version, after.write.version) == (1, 2, 3)
