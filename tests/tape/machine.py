"""A program written once and run on torch and on the tape; every call asserts that the two agree.

`m.exp(x)` runs the operator `exp` (or `exp.Tensor` …) and returns its result. `m.refused(…)` and `m.bad(y)` assert further that torch
raises, so a test that expects a mistake fails if torch sees none.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from gradguard.tape.hazards import SilentlyOverwritten
from tests.differential.tape.sides import CATALOG, Both, Outcome, Sides, geometry_of, operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradguard.tape.tensor import Tensor

_OVERLOADS = ("", ".Tensor", ".int", ".Scalar", ".self", ".Tensor_Scalar", ".dim")


class Machine(Sides):
    """Both sides, with torch's calls as methods."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)

    # --- tensors

    def leaf(self, *shape: int) -> Both:
        """A leaf that requires grad, values in (0.1, 1.1)."""
        return self.tensor(torch.rand(shape or (3,)) + 0.1, requires_grad=True)

    def computed(self, *shape: int) -> Both:
        """A tensor that requires grad, is no leaf, and that no node keeps."""
        return self.clone(self.leaf(*shape))

    def plain(self, *shape: int) -> Both:
        """A tensor that does not require grad."""
        return self.tensor(torch.rand(shape or (3,)) + 0.1)

    def whole(self, *numbers: int) -> Both:
        """An integer tensor."""
        return self.tensor(torch.tensor(numbers))

    def scalar(self, number: float) -> Both:
        """A 0-dim tensor."""
        return self.tensor(torch.tensor(number))

    def mask(self, *flags: bool) -> Both:
        """A bool tensor."""
        return self.tensor(torch.tensor(flags))

    # --- operators

    def __getattr__(self, name: str) -> Callable[..., Any]:
        overload = next((name + end for end in _OVERLOADS if CATALOG.operator(name + end) is not None), None)
        if overload is None:
            raise AttributeError(name)
        return partial(self.do, overload)

    def do(self, overload: str, *values: object, **keywords: object) -> Any:
        """Run an overload that torch accepts; returns its result, or a list of results."""
        outcome = self.agreed(self.op(overload, *values, **keywords))
        assert outcome.error is None, f"{outcome.call}: {outcome.error}"
        return outcome.results[0] if len(outcome.results) == 1 else outcome.results

    def refused(self, overload: str, *values: object, **keywords: object) -> str:
        """Run an overload that torch refuses; returns torch's text."""
        if CATALOG.operator(overload) is None:
            overload = getattr(self, overload).args[0]
        return self.raised(self.op(overload, *values, **keywords))

    @staticmethod
    def agreed(outcome: Outcome) -> Outcome:
        """The outcome, after checking that both sides agree about it."""
        assert not outcome.foreign, f"{outcome.call}: {outcome.error}"
        assert outcome.disagreement is None, f"{outcome.call}:\n{outcome.disagreement}"
        return outcome

    def raised(self, outcome: Outcome) -> str:
        """Torch's text, after checking that it raised and that both sides agree."""
        self.agreed(outcome)
        assert outcome.error is not None, f"{outcome.call}: torch raises nothing"
        return outcome.error

    def model_only(self, overload: str, operand: Both, results: list[torch.Tensor]) -> list[Tensor]:
        """The overload on the tape's side of a call that torch makes in one."""
        geometries = [geometry_of(result) for result in results]
        return self.tape.apply(operator(overload), {"self": operand.model}, self.step, results=geometries)

    # --- views and aliases

    def part(self, both: Both, start: int, stop: int) -> Both:
        """`both[start:stop]`."""
        return self.agreed(self.slice(both, start, stop)).results[0]

    def row(self, both: Both, index: int) -> Both:
        """`both[index]`."""
        return self.select(both, 0, index)

    def set_part(self, both: Both, start: int, stop: int, value: object) -> Outcome:
        """`both[start:stop] = value`."""
        return self._set(self.part(both, start, stop), value)

    def set_row(self, both: Both, index: int, value: object) -> Outcome:
        """`both[index] = value`."""
        return self._set(self.row(both, index), value)

    def _set(self, view: Both, value: object) -> Outcome:
        outcome = self.op("copy_" if isinstance(value, Both) else "fill_.Scalar", view, value)
        outcome.results = []
        self.forget(view)
        return outcome

    def forget(self, both: Both) -> None:
        """The program keeps no reference to this tensor."""
        self.tape.drop(both.model)
        self.tensors.remove(both)
        both.real = torch.empty(0)  # the last reference, so that torch frees what hangs on it

    def _alias(self, text: str, both: Both, real: Callable[[torch.Tensor], Any], model: Callable[[Tensor], Any]) -> Any:
        outcome = self.agreed(self.call(text, both, real, model))
        assert outcome.error is None, outcome.error
        return outcome.results[0] if outcome.results else None

    def detached(self, both: Both) -> Both:
        """`both.detach()`."""
        return self._alias("detach()", both, lambda r: r.detach(), lambda m: self.tape.detach(m, self.step))

    def data(self, both: Both) -> Both:
        """`both.data`."""
        return self._alias("data", both, lambda r: r.data, lambda m: self.tape.data(m, self.step))

    def parameter(self, both: Both) -> Both:
        """`nn.Parameter(both)`."""
        return self._alias("Parameter()", both, torch.nn.Parameter, lambda m: self.tape.parameter(self.step, m))

    def through_numpy(self, both: Both) -> Both:
        """`torch.from_numpy(both.detach().numpy())`."""

        def model(m: Tensor) -> Tensor:
            array = self.tape.numpy(self.tape.detach(m, self.step), self.step)
            return self.tape.from_numpy(array, self.step)

        return self._alias("numpy()", both, lambda r: torch.from_numpy(r.detach().numpy()), model)

    # --- flags and rebinding

    def simple(
        self, text: str, both: Both, real: Callable[[torch.Tensor], Any], model: Callable[[Tensor], Any]
    ) -> Outcome:
        """A call whose result, if any, is no tensor of the program."""
        return self.call(text, both, lambda r: (real(r), None)[1], lambda m: (model(m), None)[1])

    def detach_in_place(self, both: Both) -> Outcome:
        """`both.detach_()`."""
        return self.simple("detach_()", both, lambda r: r.detach_(), lambda m: self.tape.detach_(m, self.step))

    def requires(self, both: Both, flag: bool = True) -> Outcome:
        """`both.requires_grad_(flag)`."""
        return self.simple(
            f"requires_grad_({flag})",
            both,
            lambda r: r.requires_grad_(flag),
            lambda m: self.tape.requires_grad_(m, flag, self.step),
        )

    def retain(self, both: Both) -> Outcome:
        """`both.retain_grad()`."""
        return self.simple(
            "retain_grad()", both, lambda r: r.retain_grad(), lambda m: self.tape.retain_grad(m, self.step)
        )

    def assign_data(self, both: Both, new: Both) -> Outcome:
        """`both.data = new`."""

        def real(tensor: torch.Tensor) -> None:
            tensor.data = new.real

        return self.simple("data =", both, real, lambda m: self.tape.set_data(m, new.model, self.step))

    def set_to(self, both: Both, new: Both) -> Outcome:
        """`both.set_(new)`."""
        return self.simple(
            "set_()", both, lambda r: r.set_(new.real), lambda m: self.tape.set_(m, new.model, self.step)
        )

    def bump(self, both: Both) -> Outcome:
        """`torch.autograd.graph.increment_version(both)`."""
        increment = torch.autograd.graph.increment_version
        return self.agreed(self.simple("bump", both, increment, lambda m: self.tape.bump(m, self.step)))

    def looked_at(self, both: Both) -> Outcome:
        """`both.grad_fn`."""
        return self.simple("grad_fn", both, lambda r: r.grad_fn, lambda m: self.tape.grad_fn(m, self.step))

    # --- modes

    @contextlib.contextmanager
    def no_grad(self) -> Iterator[None]:
        """`with torch.no_grad():`"""
        before, self.tape.grad_mode = self.tape.grad_mode, False
        yield
        self.tape.grad_mode = before

    @contextlib.contextmanager
    def enable_grad(self) -> Iterator[None]:
        """`with torch.enable_grad():`"""
        before, self.tape.grad_mode = self.tape.grad_mode, True
        yield
        self.tape.grad_mode = before

    @contextlib.contextmanager
    def inference(self) -> Iterator[None]:
        """`with torch.inference_mode():`"""
        self.tape.inference_mode = True
        with self.no_grad():
            yield
        self.tape.inference_mode = False

    # --- backward

    def backward(
        self, root: Both, *, retain: bool = False, create: bool = False, inputs: list[Both] | None = None
    ) -> Outcome:
        """`root.sum().backward(…)`."""
        root = self.sum(root) if root.real.dim() else root

        def real(tensor: torch.Tensor) -> None:
            chosen = None if inputs is None else [b.real for b in inputs]
            tensor.backward(retain_graph=retain, create_graph=create, inputs=chosen)

        def model(tensor: Tensor) -> None:
            chosen = None if inputs is None else [b.model for b in inputs]
            self.tape.backward(tensor, self.step, retain_graph=retain, create_graph=create, inputs=chosen)

        return self.call("backward()", root, real, model)

    def back(self, root: Both, **options: Any) -> None:
        """Backward that runs."""
        outcome = self.agreed(self.backward(root, **options))
        assert outcome.error is None, outcome.error

    def bad(self, root: Both, **options: Any) -> str:
        """Backward that torch refuses; returns torch's text."""
        return self.raised(self.backward(root, **options))

    def grad(
        self, root: Both, inputs: list[Both], *, retain: bool = False, create: bool = False, unused: bool = False
    ) -> Outcome:
        """`torch.autograd.grad(root.sum(), inputs)`; the gradients are the outcome's results."""
        outcome = self.gradients(root, inputs, retain=retain, create=create, unused=unused)
        return self.agreed(outcome)

    def gradients(
        self, root: Both, inputs: list[Both], *, retain: bool = False, create: bool = False, unused: bool = False
    ) -> Outcome:
        """The same, where the two sides need not agree about the gradients themselves."""
        root = self.sum(root) if root.real.dim() else root

        def real(tensor: torch.Tensor) -> tuple[Any, ...]:
            chosen = [b.real for b in inputs]
            return torch.autograd.grad(
                tensor, chosen, retain_graph=retain or create, create_graph=create, allow_unused=unused
            )

        def model(tensor: Tensor) -> list[Tensor]:
            chosen = [b.model for b in inputs]
            found = self.tape.grad(
                tensor, chosen, self.step, retain_graph=retain or create, create_graph=create, allow_unused=unused
            )
            return [gradient for gradient in found if gradient is not None]

        return self.call("grad()", root, real, model)

    # --- what torch does not raise

    def silently_wrong(self, root: Both, write: Callable[[], object]) -> bool:
        """Whether `write` spoils the gradients of `root` unnoticed, for torch; the tape must say the same.

        Torch's judgement: the gradients of all leaves before and after the write differ, and nothing is raised.
        """
        leaves = [both.real for both in self.tensors if both.model.wants_grad]
        total = root.real.sum()
        before = torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True)
        write()
        after = torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True)
        changed = any(
            one is not None and other is not None and not torch.equal(one, other)
            for one, other in zip(before, after, strict=True)
        )
        self.back(root)
        found = any(isinstance(hazard, SilentlyOverwritten) for hazard in self.tape.hazards)
        assert found == changed, f"wrong gradient: torch {changed}, tape {found}"
        return changed
