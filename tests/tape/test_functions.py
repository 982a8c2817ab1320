"""Custom Functions: what is checked, what is not, what may be written. Torch judges every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from gradguard.tape.hazards import CustomFunctionMisuse, GradientWritten
from tests.tape.functions import Context, Recipe, applied, apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.differential.tape.sides import Both
    from tests.tape.machine import Machine

Run = "Callable[..., Any]"


def _save_input(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    ctx.saved = [x]
    return run("mul.Tensor", x, 2.0)


def _save_output(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    y = run("exp", x)
    ctx.saved = [y]
    return y


def _save_intermediate(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    y = run("exp", x)
    ctx.saved = [y]
    return run("mul.Tensor", y, 2.0)


def _keep_output(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    y = run("exp", x)
    ctx.kept = [y]
    return y


def _write_marked(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    run("mul_.Tensor", x, 3.0)
    ctx.dirty = [x]
    return x


def _write_marked_and_lost(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    run("mul_.Tensor", x, 3.0)
    ctx.dirty = [x]
    return run("mul.Tensor", x, 1.0)


def _write_unmarked(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    run("mul_.Tensor", x, 3.0)
    return run("mul.Tensor", x, 1.0)


def _same(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    return x


def _view(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    return run("view", x, [-1])


def _two(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    return run("mul.Tensor", x, 2.0), run("mul.Tensor", x, 3.0)


def _plain(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    return run("mul.Tensor", x, 1.0)


def test_a_saved_input_is_checked(m: Machine) -> None:
    """When backward reads it, and under its present name."""
    x = m.computed()
    y = applied(m, Recipe("SaveInput", _save_input), x)
    m.add_(x, 1)
    assert "of Add," in m.bad(y)


def test_a_saved_output_is_checked_and_named_after_the_function(m: Machine) -> None:
    """Without the word Backward."""
    y = applied(m, Recipe("SaveOutput", _save_output), m.leaf())
    m.add_(y, 1)
    assert "of SaveOutput," in m.bad(y)


def test_an_intermediate_is_out_of_reach(m: Machine) -> None:
    """Nobody else holds it."""
    y = applied(m, Recipe("SaveIntermediate", _save_intermediate), m.leaf())
    m.add_(y, 1)
    m.back(y)


def test_what_backward_does_not_read_is_not_checked(m: Machine) -> None:
    """`ctx.saved_tensors` is where the check stands; there is none at all without a node."""
    x = m.computed()
    y = applied(m, Recipe("Unread", _save_input, reads_saved=False), x)
    m.add_(x, 1)
    m.back(y)
    x = m.plain()
    applied(m, Recipe("NoNode", _save_input), x)
    m.add_(x, 1)


def test_a_tensor_kept_on_ctx_is_not_checked(m: Machine) -> None:
    """Torch raises nothing; the tape says so silently."""
    y = applied(m, Recipe("Keep", _keep_output, reads_saved=False), m.leaf())
    m.add_(y, 1)
    m.back(y)
    reasons = [h.reason for h in m.tape.hazards if isinstance(h, CustomFunctionMisuse)]
    assert reasons == ["context_tensor_written"]


def test_reading_what_was_freed(m: Machine) -> None:
    """A second backward is refused by the saved tensors, not by what is kept on ctx."""
    for recipe, fine in (
        (Recipe("Saves", _save_input), False),
        (Recipe("Keeps", _keep_output, reads_saved=False), True),
    ):
        total = m.sum(applied(m, recipe, m.leaf()))
        m.back(total)
        m.back(total) if fine else m.bad(total)


def test_marked_writes(m: Machine) -> None:
    """They count twice and become history; leaves, their views, and pieces of one node are refused."""
    x = m.computed()
    y = applied(m, Recipe("Dirty", _write_marked), x)
    assert y is x and x.real._version == 2
    m.back(x)
    assert "has been used in an in-place" in (apply(m, Recipe("Dirty", _write_marked), m.leaf()).error or "")
    assert apply(m, Recipe("Dirty", _write_marked), m.part(m.leaf(), 0, 3)).error is not None
    assert apply(m, Recipe("Dirty", _write_marked), m.split(m.computed(4), 2)[0]).error is not None
    assert "marked as dirty" in (apply(m, Recipe("Lost", _write_marked_and_lost), m.computed()).error or "")


def test_a_marked_write_lets_go_of_the_retained_gradient(m: Machine) -> None:
    """`.grad` of what mark_dirty makes history of is None again; an ordinary in-place write keeps it."""
    for write in (lambda x: applied(m, Recipe("Dirty", _write_marked), x), lambda x: m.mul_(x, 2.0)):
        x = m.computed()
        m.retain(x)
        m.back(x)
        write(x)
        assert (x.real.grad is None) == (write(x).real.grad is None)


def test_unmarked_writes(m: Machine) -> None:
    """Whoever uses the input afterwards gets a gradient as if nothing had been written: torch is silent, the tape is not."""
    a = m.leaf()
    x = m.clone(a)
    y = applied(m, Recipe("Unmarked", _write_unmarked), x)
    m.back(m.add(m.sum(x), m.sum(y)))
    assert not torch.equal(a.real.grad, torch.full((3,), 6.0))  # x is 3a, and y is x
    assert [h.reason for h in m.tape.hazards if isinstance(h, CustomFunctionMisuse)] == ["unmarked_write"]
    w = m.leaf()
    applied(m, Recipe("Unmarked", _write_unmarked), w)
    assert w.real._version == 1


@pytest.mark.parametrize("forward", [_same, _view])
def test_views_that_a_function_returns(m: Machine, forward: Callable[..., Any]) -> None:
    """They must not be written, and are unusable once the input was."""
    y = applied(m, Recipe("Returns", forward), m.computed())
    assert "inside a custom Function" in m.refused("add_", y, 1)
    x = m.computed()
    y = applied(m, Recipe("Returns", forward), x)
    m.add_(x, 1)
    m.refused("mul", y, 2.0)


def _view_and_fresh(ctx: Context, run: Callable[..., Any], x: Any) -> Any:
    return run("view", x, [-1]), run("mul.Tensor", x, 3.0)


def test_a_view_among_several_results(m: Machine) -> None:
    """It counts as one of several outputs of one node; the fresh one may be written."""
    view, fresh = applied(m, Recipe("Both", _view_and_fresh), m.computed())
    m.add_(fresh, 1)
    assert "multiple views" in m.refused("add_", view, 1)


def test_without_a_node_a_function_makes_views_all_the_same(m: Machine) -> None:
    """Of a plain input, and without grad mode."""
    for forward in (_same, _view):
        y = applied(m, Recipe("Plain", forward), m.plain())
        m.add_(y, 1)
        m.agreed(m.op("add_.Tensor", y, m.leaf()))
        with m.no_grad():
            y = applied(m, Recipe("NoGrad", forward), m.computed())
        m.agreed(m.op("add_.Tensor", y, 1))


def test_fresh_results_may_be_written(m: Machine) -> None:
    """One or several."""
    a, b = applied(m, Recipe("Two", _two), m.leaf())
    m.add_(a, 1)
    m.mul_(b, 2.0)
    m.back(m.add(a, b))


def test_writing_the_gradient(m: Machine) -> None:
    """Torch lets a backward write what it was handed, unless that is an expanded scalar, as directly under sum()."""
    recipe = Recipe("Writes", _plain, reads_saved=False, writes_gradient=True)
    y = applied(m, recipe, m.computed())
    m.back(m.mul(y, m.plain()))
    assert any(isinstance(h, GradientWritten) for h in m.tape.hazards)
    y = applied(m, recipe, m.computed())
    assert "more than one element" in m.bad(y)


def test_hooks_see_gradients(m: Machine) -> None:
    """A hook that writes its gradient: the same; a hook stays with the history it was put on."""
    written: list[str] = []

    def hooked(under_sum: bool) -> None:
        y = m.mul(m.leaf(), 2.0)
        real_hook = lambda g: (written.append("torch"), g.mul_(10.0), None)[-1]  # noqa: E731

        def model_hook(gradient: Any) -> None:
            written.append("tape")
            m.tape.write(gradient, m.step, operator="mul_")

        m.agreed(
            m.simple(
                "register_hook()",
                y,
                lambda r: r.register_hook(real_hook),
                lambda t: m.tape.register_hook(t, model_hook, m.step),
            )
        )
        if under_sum:
            m.bad(y)
        else:
            m.mul_(y, 5.0)
            m.back(m.mul(y, m.plain()))

    hooked(under_sum=False)
    hooked(under_sum=True)
    assert sorted(written) == ["tape", "tape", "torch", "torch"]


def test_hooks_are_called_without_a_gradient_too(m: Machine) -> None:
    """For the other piece of an `unbind`, and below a custom Function that gives None; `.grad` is not filled."""
    called: dict[str, list[object]] = {"torch": [], "tape": []}

    def hooked(both: Both) -> None:
        m.simple(
            "register_hook()",
            both,
            lambda r: (r.grad_fn, r.register_hook(called["torch"].append)),
            lambda t: m.tape.register_hook(t, called["tape"].append, m.step),
        )

    one, other = m.unbind(m.leaf(2, 2))
    hooked(other)
    m.back(one)
    w = m.leaf()
    hooked(w)
    w.real.register_post_accumulate_grad_hook(lambda leaf: called["torch"].append(leaf.grad))
    m.tape.register_post_hook(w.model, lambda leaf: called["tape"].append(leaf.grad))
    m.back(m.add(applied(m, Recipe("Nothing", _plain, gives_gradient=False), w), m.leaf()))
    assert called == {"torch": [None] * 3, "tape": [None] * 3}


def test_backward_is_called_without_a_gradient_too(m: Machine) -> None:
    """Below a Function that gives none, the user's backward gets zeros, and reads what it saved."""
    x = m.computed()
    y = applied(m, Recipe("Saves", _save_input), x)
    m.zero_(x)
    m.bad(m.add(applied(m, Recipe("Nothing", _plain, gives_gradient=False), y), m.leaf()))


def test_pack_hooks_switch_the_check_off(m: Machine) -> None:
    """`saved_tensors_hooks` around exp: its written result is no error any more."""
    unpacked: list[str] = []
    m.tape.saved_hooks.append(lambda saved: unpacked.append(saved.argument))
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        y = m.exp(m.leaf())
    m.tape.saved_hooks.pop()
    m.add_(y, 1)
    m.back(y)
    assert unpacked == ["result"]
    z = m.exp(m.leaf())
    m.add_(z, 1)
    m.bad(z)


def test_a_checkpoint_checks_its_arguments_only(m: Machine) -> None:
    """Not reentrant: what is kept inside is computed again, from arguments that a node of their own keeps."""
    from torch.utils.checkpoint import checkpoint

    def checkpointed(x: Any) -> Any:
        def real() -> torch.Tensor:
            return checkpoint(torch.sin, x.real, use_reentrant=False)

        def model(results: list[torch.Tensor]) -> list[Any]:
            tape = m.tape
            always = tape.tensor(m.step, requires_grad=True)
            call = tape.enter_function("_NoopSaveInputs", [always, x.model], m.step)
            tape.leave_function(call, [tape.tensor(m.step)], saved=[x.model])
            tape.saved_hooks.append(lambda saved: tape.read_saved(call) and None)
            made = m.model_only("sin", x, results)
            tape.saved_hooks.pop()
            return made

        return m.agreed(m.run("checkpoint()", real, model)).results[0]

    x = m.computed()
    y = checkpointed(x)
    m.zero_(x)
    assert "of Zero," in m.bad(y)
    y = checkpointed(m.computed())
    m.add_(y, 1)
    m.back(y)


def test_hooks_after_accumulation(m: Machine) -> None:
    """`register_post_accumulate_grad_hook`: called once the leaf's gradient is there; it may step."""
    w = m.leaf()
    called: list[bool] = []

    def step(parameter: torch.Tensor) -> None:
        called.append(parameter.grad is not None)
        with torch.no_grad():
            parameter.mul_(0.9)

    w.real.register_post_accumulate_grad_hook(step)

    def model_step(parameter: Any) -> None:
        called.append(parameter.grad is not None)
        before, m.tape.grad_mode = m.tape.grad_mode, False
        m.tape.write(parameter, m.step, operator="mul_")
        m.tape.grad_mode = before

    m.tape.register_post_hook(w.model, model_step)
    m.back(m.mul(w, m.computed()))
    assert called == [True, True]
