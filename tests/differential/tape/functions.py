"""Custom `autograd.Function`s written once and applied on both sides.

A recipe's forward gets a context, `call(name, *arguments)` to run an operator, and the input. Its backward is described by what it
reads: `saved` (ctx.saved_tensors), `kept` (tensors on ctx), `writes_gradient` (the gradient it is handed, in place). `materializes`:
it is handed zeros where no gradient came. `gives_gradient`: it returns one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY
from tests.differential.tape.sides import Both, Outcome, Sides, aten, geometry_of, is_silent, operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradguard.tape.tensor import Tensor


@dataclass
class Context:
    """What a forward leaves behind, on either side."""

    saved: list[Any] = field(default_factory=list)
    dirty: list[Any] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    non_differentiable: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Recipe:
    """A Function called `name`."""

    name: str
    forward: Callable[[Context, Callable[..., Any], Any], Any]
    reads_saved: bool = True
    writes_gradient: bool = False
    materializes: bool = True
    gives_gradient: bool = True


class _RefusedError(Exception):
    """Torch leaves a forward at the first call that it refuses."""


def apply(sides: Sides, recipe: Recipe, both: Both) -> Outcome:
    """`Recipe.apply(both)` on both sides."""

    def real() -> Any:
        return _function(recipe).apply(both.real)

    def model(results: list[torch.Tensor]) -> list[Tensor]:
        tape = sides.tape
        context = Context()
        grad_mode = tape.grad_mode
        call = tape.enter_function(recipe.name, [both.model], sides.step)

        def run(name: str, *values: Any) -> Any:
            facts = operator(name)
            names = [argument.name for argument in facts.arguments]
            known = len(tape.hazards)
            made = tape.apply(facts, dict(zip(names, values, strict=False)), sides.step)
            if not all(is_silent(hazard) for hazard in tape.hazards[known:]):
                raise _RefusedError
            return made[0]

        def backward(gradients: list[Tensor | None]) -> list[Tensor | None]:
            if recipe.reads_saved:
                tape.read_saved(call)
            for tensor in context.kept:
                tape.read_kept(call, tensor)
            if recipe.writes_gradient:
                for gradient in gradients:
                    if gradient is not None:
                        tape.apply(operator("mul_.Tensor"), {"self": gradient, "other": 3.0}, sides.step)
            if not recipe.gives_gradient:
                return [None]
            if recipe.materializes and gradients[:1] == [None]:
                return [tape.tensor(sides.step)]
            return gradients[:1]

        try:
            output = recipe.forward(context, run, both.model)
        except _RefusedError:
            tape.grad_mode = grad_mode
            return []
        outputs = list(output) if isinstance(output, tuple) else [output]
        for tensor, result in zip(outputs, results, strict=False):
            if tensor.geometry == UNKNOWN_GEOMETRY:
                tensor.geometry = geometry_of(result)
        return tape.leave_function(
            call,
            outputs,
            backward=backward,
            saved=context.saved,
            dirty=context.dirty,
            non_differentiable=context.non_differentiable,
            kept=context.kept,
        )  # type: ignore[return-value]

    number = sides.tensors.index(both)
    return sides.run(f"{recipe.name}.apply(t{number})", real, model)


def _function(recipe: Recipe) -> Any:
    def forward(ctx: Any, x: torch.Tensor) -> Any:
        context = Context()

        def run(name: str, *values: Any) -> Any:
            return aten(name)(*values)

        output = recipe.forward(context, run, x)
        ctx.save_for_backward(*context.saved)
        ctx.mark_dirty(*context.dirty)
        ctx.mark_non_differentiable(*context.non_differentiable)
        ctx.set_materialize_grads(recipe.materializes)
        ctx.kept = context.kept
        return output

    def backward(ctx: Any, *gradients: torch.Tensor | None) -> torch.Tensor | None:
        gradient = gradients[0]
        if recipe.writes_gradient and gradient is not None:
            gradient.mul_(3.0)
        saved = ctx.saved_tensors if recipe.reads_saved else ()
        if gradient is None or not recipe.gives_gradient:
            return None
        shape = gradient.shape
        for tensor in (*saved, *ctx.kept):
            gradient = gradient * tensor.detach().mean()
        return gradient.reshape(shape)

    body = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(recipe.name, (torch.autograd.Function,), body)


def _twice(context: Context, call: Callable[..., Any], x: Any) -> Any:
    return call("mul.Tensor", x, 2.0)


def _saves_input(context: Context, call: Callable[..., Any], x: Any) -> Any:
    context.saved.append(x)
    return call("mul.Tensor", x, 2.0)


def _saves_result(context: Context, call: Callable[..., Any], x: Any) -> Any:
    context.saved.append(call("exp", x))
    return context.saved[0]


def _writes_marked(context: Context, call: Callable[..., Any], x: Any) -> Any:
    context.dirty.append(call("mul_.Tensor", x, 2.0))
    return x


def _writes_marked_and_saves(context: Context, call: Callable[..., Any], x: Any) -> Any:
    context.dirty.append(call("mul_.Tensor", x, 2.0))
    context.saved.append(x)
    return x


def _writes_unmarked(context: Context, call: Callable[..., Any], x: Any) -> Any:
    call("mul_.Tensor", x, 2.0)
    return call("mul.Tensor", x, 1.0)


def _hands_back(context: Context, call: Callable[..., Any], x: Any) -> Any:
    return x


def _keeps(context: Context, call: Callable[..., Any], x: Any) -> Any:
    context.kept.append(x)
    return call("mul.Tensor", x, 2.0)


def _two_results(context: Context, call: Callable[..., Any], x: Any) -> Any:
    context.saved.append(x)
    return call("mul.Tensor", x, 2.0), call("exp", x)


def _one_of_two(context: Context, call: Callable[..., Any], x: Any) -> Any:
    context.non_differentiable.append(call("sign", x))
    return call("mul.Tensor", x, 2.0), context.non_differentiable[0]


RECIPES = (
    Recipe("Twice", _twice),
    Recipe("SavesInput", _saves_input),
    Recipe("SavesInputUnread", _saves_input, reads_saved=False),
    Recipe("SavesResult", _saves_result),
    Recipe("WritesMarked", _writes_marked),
    Recipe("WritesMarkedAndSaves", _writes_marked_and_saves),
    Recipe("WritesUnmarked", _writes_unmarked),
    Recipe("HandsBack", _hands_back),
    Recipe("Keeps", _keeps),
    Recipe("TwoResults", _two_results),
    Recipe("TwoResultsBare", _two_results, materializes=False),
    Recipe("OneOfTwo", _one_of_two),
    Recipe("GivesNothing", _twice, gives_gradient=False),
)
