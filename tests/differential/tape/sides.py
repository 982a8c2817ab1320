"""Torch and the tape, driven by the same calls and compared after each.

A `Both` is one tensor on both sides. Each method of `Sides` makes one call on both and returns an `Outcome`; torch comes first and is the
truth. Whatever can be read without disturbing autograd is compared after every step: versions, requires_grad, leaves' gradients.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from gradguard.tape.hazards import (
    CustomFunctionMisuse,
    GradientWritten,
    Hazard,
    InferenceTensorMisused,
    SavedVersionMoved,
    SilentlyOverwritten,
)
from gradguard.tape.tape import Tape
from gradguard.torchfacts.catalog import Catalog
from gradguard.torchfacts.geometry import Geometry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradguard.tape.tensor import Tensor
    from gradguard.torchfacts.operator import Operator

warnings.simplefilter("ignore")
torch.set_num_threads(1)
CATALOG = Catalog.load("2.13")


@dataclass(eq=False)
class Both:
    """One tensor: torch's and the tape's."""

    real: torch.Tensor
    model: Tensor


@dataclass
class Outcome:
    """What one call did on both sides. `error`: torch's text; `foreign`: torch raised for a reason that is no business of a tape."""

    call: str
    error: str | None
    hazard: Hazard | None
    foreign: bool = False
    results: list[Both] = field(default_factory=list)
    disagreement: str | None = None


def geometry_of(tensor: torch.Tensor) -> Geometry:
    """The layout of a real tensor."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Geometry(tuple(tensor.shape), tuple(tensor.stride()), tensor.storage_offset(), dtype)


def operator(name: str) -> Operator:
    """The catalog's operator of that overload name."""
    found = CATALOG.operator(name)
    assert found is not None, name
    return found


def aten(name: str) -> Callable[..., Any]:
    """Torch's own overload of that name."""
    base, _, overload = name.partition(".")
    return getattr(getattr(torch.ops.aten, base), overload or "default")


def is_silent(hazard: Hazard) -> bool:
    """Whether torch raises nothing for it."""
    return isinstance(hazard, (SilentlyOverwritten, GradientWritten)) or (
        isinstance(hazard, CustomFunctionMisuse) and hazard.reason in ("unmarked_write", "context_tensor_written")
    )


def goes_on_otherwise(hazard: Hazard | None) -> bool:
    """Whether the tape goes on with a tensor that torch refuses for ever: a view made anew, an inference tensor taken for normal."""
    return isinstance(hazard, InferenceTensorMisused) or getattr(hazard, "use", None) is not None


class Sides:
    """A program under way on both sides."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.tensors: list[Both] = []
        self.step = 0
        self.hooks_write = False  # what they would have written after the mistake, torch does not write
        self._gradients_agree = True
        self.versions: dict[int, list[int]] = {}

    # --- modes

    def modes(self) -> contextlib.ExitStack:
        """Torch's modes as the tape has them."""
        stack = contextlib.ExitStack()
        if self.tape.inference_mode:
            stack.enter_context(torch.inference_mode())
        else:
            stack.enter_context(torch.set_grad_enabled(self.tape.grad_mode))
        if self.tape.saved_hooks:
            stack.enter_context(torch.autograd.graph.saved_tensors_hooks(lambda saved: saved, lambda packed: packed))
        return stack

    def set_saved_hooks(self, on: bool) -> None:
        """`saved_tensors_hooks` that change nothing."""
        self.tape.saved_hooks[:] = [lambda _: None] if on else []

    # --- one call on both sides

    def run(
        self,
        call: str,
        real: Callable[[], Any],
        model: Callable[[list[torch.Tensor]], Sequence[Tensor | None] | None],
    ) -> Outcome:
        """Make the call; `model` is handed torch's results, flat, and gives the tape's in the same order."""
        self.step += 1
        error, results = None, []
        with self.modes():
            try:
                returned = real()
                results = [t for t in _flat(returned) if isinstance(t, torch.Tensor)]
            except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError) as raised:
                error = str(raised)
        outcome = Outcome(call, error, None)
        if error is not None and ("backward" in call or ".grad(" in call):
            self._gradients_agree = False  # torch stopped on the way and left some unfilled; the tape runs to the end
        if error is not None and not _about_autograd(error):
            outcome.foreign = True
            return outcome
        known = len(self.tape.hazards)
        modelled = model(results)
        loud = [hazard for hazard in self.tape.hazards[known:] if not is_silent(hazard)]
        outcome.hazard = loud[0] if loud else None
        if results and outcome.hazard is None and modelled is not None:
            outcome.results = [self._known(r, m) for r, m in zip(results, modelled, strict=True) if m is not None]
        outcome.disagreement = self._compare(outcome)
        return outcome

    def _align(self, outcome: Outcome, operands: list[object]) -> None:
        """What kernels make of inference tensors starts at a version that depends on the kernel; only differences count from there."""
        if any(isinstance(operand, Both) and operand.model.inference for operand in _flat(operands)):
            for both in outcome.results:
                if both.real._base is not None and both.model.base is None:
                    outcome.foreign, outcome.disagreement = True, None  # some kernels make views of memory of their own
                    return
                counter = both.model.counter
                if not both.real.is_inference() and not counter.writes and not counter.saves:
                    counter.version = both.model.seen = both.real._version
                    outcome.disagreement = self._compare(outcome)

    def _known(self, real: torch.Tensor, model: Tensor) -> Both:
        for both in self.tensors:
            if both.real is real:
                return both
        both = Both(real, model)
        self.tensors.append(both)
        return both

    def _compare(self, outcome: Outcome) -> str | None:
        text = getattr(outcome.hazard, "message", None)
        if (outcome.error is None) != (outcome.hazard is None) or not _same_text(outcome.error, text):
            return f"torch: {outcome.error}\ntape:  {text}"
        self._note_versions()
        if goes_on_otherwise(outcome.hazard):
            return None
        if isinstance(outcome.hazard, SavedVersionMoved):
            problem = self._compare_write(outcome.hazard)
            if problem is not None:
                return problem
        for index, both in enumerate(self.tensors):
            real, model = both.real, both.model
            if real.requires_grad != model.requires_grad:
                return f"t{index}.requires_grad: torch {real.requires_grad}, tape {model.requires_grad}"
            if real.is_inference() != model.inference:
                return f"t{index}.is_inference(): torch {real.is_inference()}, tape {model.inference}"
            if not self._gradients_agree and (_is_gradient(model) or self.hooks_write):
                continue
            if not model.inference and real._version != model.version:
                return f"t{index}._version: torch {real._version}, tape {model.version}"
            if (real._base is None) != (model.base is None) and not self._has_private_base(real):
                return f"t{index} is a view: torch {real._base is not None}, tape {model.base is not None}"
            if (
                self._gradients_agree
                and (model.wants_grad or model.retains_grad)
                and (real.grad is None) != (model.grad is None)
            ):
                return f"t{index}.grad: torch {real.grad is not None}, tape {model.grad is not None}"
        return None

    def _has_private_base(self, real: torch.Tensor) -> bool:
        """Whether it is a view of a tensor that the program never had (gradients are, sometimes)."""
        return real._base is not None and all(both.real is not real._base for both in self.tensors)

    def _note_versions(self) -> None:
        self.versions[self.step] = [-1 if b.real.is_inference() else b.real._version for b in self.tensors]

    def _compare_write(self, hazard: SavedVersionMoved) -> str | None:
        """The write is the step at which torch's own counter first went past the saved version."""
        for index, both in enumerate(self.tensors):
            if both.model is hazard.save.tensor:
                for step, versions in self.versions.items():
                    if index < len(versions) and versions[index] > hazard.save.version:
                        if step != hazard.write.origin:
                            return f"overwritten at step {step}, tape says {hazard.write.origin}"
                        return None
        return None

    # --- calls

    def tensor(self, value: torch.Tensor, requires_grad: bool = False) -> Both:
        """A fresh tensor with these values."""

        def real() -> torch.Tensor:
            return value.clone().detach().requires_grad_(requires_grad)

        def model(results: list[torch.Tensor]) -> list[Tensor]:
            return [self.tape.tensor(self.step, geometry=geometry_of(results[0]), requires_grad=requires_grad)]

        return self.run("tensor", real, model).results[0]

    def op(self, name: str, *values: object, **keywords: object) -> Outcome:
        """Run the overload `name` with `Both`s, numbers, lists of them."""
        facts = operator(name)
        names = [argument.name for argument in facts.arguments]
        bound = {**dict(zip(names, values, strict=False)), **keywords}
        function = aten(name)

        def real() -> Any:
            return function(*[_side(v, 0) for v in values], **{k: _side(v, 0) for k, v in keywords.items()})

        def model(results: list[torch.Tensor]) -> list[Tensor]:
            arguments = {k: _side(v, 1) for k, v in bound.items()}
            geometries = [geometry_of(r) for r in results] if results else None
            as_view = None
            viewed = bound.get(facts.view_of or "")
            if isinstance(viewed, Both) and results:
                as_view = results[0].untyped_storage().data_ptr() == viewed.real.untyped_storage().data_ptr()
            return self.tape.apply(facts, arguments, self.step, results=geometries, as_view=as_view)

        shown = [*map(self._shown, values), *(f"{k}={self._shown(v)}" for k, v in keywords.items())]
        outcome = self.run(f"{name}({', '.join(shown)})", real, model)
        self._align(outcome, list(bound.values()))
        return outcome

    def call(
        self, text: str, both: Both, real: Callable[[torch.Tensor], Any], model: Callable[[Tensor], Any]
    ) -> Outcome:
        """A call that the catalog does not know; `model` gives the tape's result or None."""

        def modelled(results: list[torch.Tensor]) -> list[Tensor | None]:
            returned = model(both.model)
            made = list(_flat(returned))
            made += [None] * (len(results) - len(made))
            for result, tensor in zip(results, made, strict=False):  # no results if torch raised
                if tensor is not None:
                    tensor.geometry = geometry_of(result)
            return made

        return self.run(f"{self._shown(both)}.{text}", lambda: real(both.real), modelled)

    def adopt(self, real: torch.Tensor, model: Tensor) -> Both:
        """A tensor that a call left behind (`.grad`): the version it starts with depends on how torch added it up."""
        counter = model.counter
        untouched = not counter.saves and all(write.operator == "backward" for write in counter.writes)
        if all(both.real is not real for both in self.tensors) and untouched and not real.is_inference():
            counter.version = model.seen = real._version
            model.geometry = geometry_of(real)
        return self._known(real, model)

    def slice(self, both: Both, start: int, stop: int) -> Outcome:
        """`both[start:stop]`."""
        return self.call(
            f"[{start}:{stop}]",
            both,
            lambda real: real[start:stop],
            lambda model: self.tape.view(model, self.step, "slice", "SliceBackward0"),
        )

    def _shown(self, value: object) -> str:
        if isinstance(value, Both):
            return f"t{self.tensors.index(value)}" if value in self.tensors else "t?"
        if isinstance(value, (list, tuple)):
            return f"[{', '.join(map(self._shown, value))}]"
        return repr(value)


def _is_gradient(model: Tensor) -> bool:
    """Whether it is the `.grad` of a tensor, or a view or alias of it."""
    while model.parent is not None:
        model = model.parent
    return model.operator == "backward"


def _side(value: object, index: int) -> Any:
    if isinstance(value, Both):
        return (value.real, value.model)[index]
    if isinstance(value, (list, tuple)):
        return [_side(item, index) for item in value]
    return value


def _flat(value: object) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [item for each in value for item in _flat(each)]
    return [] if value is None else [value]


_ABOUT_AUTOGRAD = (
    "modified by an inplace operation",
    "a leaf Variable that requires grad",
    "is being modified inplace",
    "has been modified inplace",
    "backward through the graph a second time",
    "does not require grad",
    "detached in-place",
    "refers to a single memory location",
    "refer to a single memory location",
    "inference",
    "Inference",
    "Can't detach views in-place",
    "cannot resize variables",
    "Can't call numpy()",
    "requires_grad flags of leaf",
    "only Tensors of floating point dtype",
    "can't retain_grad",
    "implicitly created only for scalar",
    "to not have been used in the graph",
    "functions with out=",
    "derivative for aten::",
    "derivative for set_",
    "marked as dirty",
)


def _about_autograd(text: str) -> bool:
    return any(part in text for part in _ABOUT_AUTOGRAD)


def _same_text(real: str | None, model: str | None) -> bool:
    if real is None or model is None:
        return real is model
    return real.splitlines()[0].rstrip() == model.rstrip() or real.rstrip() == model.rstrip()
