"""Custom `autograd.Function`s written once and applied on both sides.

A recipe's forward gets a context, `call(name, *arguments)` to run an operator, and the inputs. Its backward is described by what it
reads: `saved` (ctx.saved_tensors), `kept` (tensors on ctx), `writes_gradient` (the gradient it is handed, in place).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY
from tests.differential.tape.sides import Both, Outcome, aten, geometry_of, operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradguard.tape.tensor import Tensor
    from tests.tape.machine import Machine


@dataclass
class Context:
    """What a forward leaves behind, on either side."""

    saved: list[Any] = field(default_factory=list)
    dirty: list[Any] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Recipe:
    """A Function called `name`."""

    name: str
    forward: Callable[[Context, Callable[..., Any], Any], Any]
    reads_saved: bool = True
    writes_gradient: bool = False


def apply(m: Machine, recipe: Recipe, both: Both) -> Outcome:
    """`Recipe.apply(both)` on both sides."""

    def real() -> Any:
        return _function(recipe).apply(both.real)

    def model(results: list[torch.Tensor]) -> list[Tensor]:
        tape = m.tape
        context = Context()
        call = tape.enter_function(recipe.name, [both.model], m.step)

        def run(name: str, *values: Any) -> Any:
            facts = operator(name)
            names = [argument.name for argument in facts.arguments]
            made = tape.apply(facts, dict(zip(names, values, strict=False)), m.step)
            return made[0]

        def backward(gradients: list[Tensor | None]) -> list[Tensor | None]:
            if recipe.reads_saved:
                tape.read_saved(call)
            for tensor in context.kept:
                tape.read_kept(call, tensor)
            if recipe.writes_gradient:
                for gradient in gradients:
                    if gradient is not None:
                        tape.apply(operator("mul_.Tensor"), {"self": gradient, "other": 3.0}, m.step)
            return gradients[:1]

        output = recipe.forward(context, run, both.model)
        outputs = list(output) if isinstance(output, tuple) else [output]
        for tensor, result in zip(outputs, results, strict=False):
            if tensor.geometry == UNKNOWN_GEOMETRY:
                tensor.geometry = geometry_of(result)
        return tape.leave_function(
            call, outputs, backward=backward, saved=context.saved, dirty=context.dirty, kept=context.kept
        )  # type: ignore[return-value]

    return m.agreed(m.run(f"{recipe.name}.apply()", real, model))


def applied(m: Machine, recipe: Recipe, both: Both) -> Any:
    """The result or results of an apply that torch accepts."""
    outcome = apply(m, recipe, both)
    assert outcome.error is None, outcome.error
    return outcome.results[0] if len(outcome.results) == 1 else outcome.results


def _function(recipe: Recipe) -> Any:
    def forward(ctx: Any, x: torch.Tensor) -> Any:
        context = Context()

        def run(name: str, *values: Any) -> Any:
            return aten(name)(*values)

        output = recipe.forward(context, run, x)
        ctx.save_for_backward(*context.saved)
        ctx.mark_dirty(*context.dirty)
        ctx.kept = context.kept
        return output

    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        gradient = gradients[0]
        if recipe.writes_gradient:
            gradient.mul_(3.0)
        if recipe.reads_saved:
            for tensor in ctx.saved_tensors:
                gradient = gradient * tensor.detach().mean()
        for tensor in ctx.kept:
            gradient = gradient * tensor.detach().mean()
        return gradient.reshape_as(gradients[0])

    body = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(recipe.name, (torch.autograd.Function,), body)
