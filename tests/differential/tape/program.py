"""Random programs of tensor calls, run on torch and on the tape side by side."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch

from tests.differential.tape.samples import Sample, Slot, fill, fresh, samples
from tests.differential.tape.sides import Both, Outcome, Sides, goes_on_otherwise, is_silent

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMON = (
    "add.Tensor",
    "mul.Tensor",
    "div.Tensor",
    "exp",
    "sigmoid",
    "sin",
    "add_.Tensor",
    "mul_.Tensor",
    "copy_",
    "zero_",
    "sigmoid_",
    "sin_",
    "relu_",
    "pow.Tensor_Scalar",
    "mm",
)


class Program:
    """One random program. `disagreement`: the first difference found, None if there is none."""

    def __init__(self, seed: int, only: str | None = None) -> None:
        self.random = random.Random(seed)
        self.sides = Sides()
        self.lines: list[str] = []
        self.operators: set[str] = set()
        self.kinds: list[str] = []
        self.disagreement: str | None = None
        self.over = False
        torch.manual_seed(seed)
        self.samples = samples()
        self.by_name = {sample.operator.name: sample for sample in self.samples}

    def run(self) -> None:
        """Make the calls, until the program ends or the sides differ."""
        for _ in range(self.random.randint(2, 4)):
            self._new(Slot(self.random.choice([(4,), (2, 2)]), "float"), self.random.random() < 0.6)
        for _ in range(self.random.randint(4, 24)):
            if self.over:
                return
            self._choose_modes()
            self._step()
        if not self.over:
            self._set_modes(True, False)
            self._backward()

    # --- modes

    def _choose_modes(self) -> None:
        draw = self.random.random()
        self._set_modes(draw > 0.2, draw < 0.03)

    def _set_modes(self, grad: bool, inference: bool) -> None:
        self.sides.tape.grad_mode = grad and not inference
        self.sides.tape.inference_mode = inference

    # --- steps

    def _step(self) -> None:
        draw = self.random.random()
        table: list[tuple[float, Callable[[], None]]] = [
            (0.25, lambda: self._operator(self.random.choice(self.samples))),
            (0.50, lambda: self._operator(self.by_name[self.random.choice(_COMMON)])),
            (0.64, self._view),
            (0.70, self._write_view),
            (0.75, self._alias),
            (0.77, self._gradient),
            (0.79, self._no_grad_update),
            (0.83, self._flag),
            (0.85, self._out),
            (0.94, self._backward),
            (1.00, self._grad),
        ]
        for limit, step in table:
            if draw < limit:
                step()
                return

    def _record(self, outcome: Outcome) -> None:
        mode = "inference: " if self.sides.tape.inference_mode else "" if self.sides.tape.grad_mode else "no_grad: "
        names = ", ".join(f"t{self.sides.tensors.index(both)}" for both in outcome.results)
        hazard = type(outcome.hazard).__name__ if outcome.hazard is not None else None
        self.lines.append(
            f"{self.sides.step:3} {mode}{names + ' = ' if names else ''}{outcome.call}   # {hazard or outcome.error or 'ok'}"
        )
        self.kinds.append(hazard or ("foreign" if outcome.foreign else "ok"))
        if outcome.disagreement is not None:
            self.disagreement = outcome.disagreement
            self.over = True
        elif outcome.foreign:
            self.over = True  # the call may have left traces on torch's side only
        elif goes_on_otherwise(outcome.hazard):
            self.over = True
        elif (outcome.hazard is not None and "backward" in outcome.call) or ("grad(" in outcome.call and outcome.error):
            self.over = True  # torch stopped in the middle of the graph

    def _new(self, slot: Slot, requires_grad: bool) -> Both:
        both = self.sides.tensor(
            fresh(slot), requires_grad and slot.dtype == "float" and not self.sides.tape.inference_mode
        )
        self.lines.append(
            f"{self.sides.step:3} t{self.sides.tensors.index(both)} = tensor({slot.shape}, requires_grad={both.real.requires_grad})"
        )
        return both

    def _pick(self, slot: Slot) -> Both:
        """A tensor of the program that fits the slot, or a new one."""
        dtypes = {"float": torch.float32, "index": torch.int64, "mask": torch.bool}
        fitting = [
            both
            for both in self.sides.tensors
            if tuple(both.real.shape) == slot.shape
            and both.real.dtype == dtypes[slot.dtype]
            and both.real.layout == torch.strided
        ]
        if slot.dtype == "index":
            fitting = [both for both in fitting if bool(((both.real >= 0) & (both.real < 2)).all())]
        if fitting and self.random.random() < 0.9:
            return self.random.choice(fitting[-6:] if self.random.random() < 0.6 else fitting)
        return self._new(slot, self.random.random() < 0.5)

    def _operator(self, sample: Sample) -> None:
        if sample.operator.name.startswith("unsafe_") and self.sides.tape.inference_mode:
            return  # there it makes ordinary views with a counter of their own, which nothing else does
        positional = [fill(value, self._pick) for value in sample.positional]
        if sample.operator.writes and isinstance(sample.positional[0], Slot):
            positional[0] = self._target(sample.positional[0])
        for index, value in enumerate(positional):
            # Sometimes a number where a tensor may stand.
            argument = sample.operator.arguments[index]
            if isinstance(value, Both) and argument.name == "other" and self.random.random() < 0.15:
                positional[index] = 0.5
        keywords = {name: fill(value, self._pick) for name, value in sample.keywords.items()}
        self.operators.add(sample.operator.name)
        self._record(self.sides.op(sample.operator.name, *positional, **keywords))

    def _target(self, slot: Slot) -> Both:
        """What an in-place operator writes: mostly something that torch lets it write."""
        for _ in range(4):
            both = self._pick(slot)
            model = both.model
            if model.node is not None or not model.requires_grad or not self.sides.tape.grad_mode:
                break
        return both

    def _any(self) -> Both:
        floats = [b for b in self.sides.tensors if b.real.is_floating_point() and b.real.numel() > 0]
        return self.random.choice(floats[-6:] if self.random.random() < 0.5 else floats)

    def _view(self) -> None:
        both = self._any()
        real = both.real
        choices: list[tuple[str, tuple[object, ...]]] = [("view", ([-1],)), ("unsqueeze", (0,)), ("t", ())]
        if not real.is_contiguous() or real.dim() > 2:
            choices = [("unsqueeze", (0,)), ("squeeze", ())]
        if real.dim():
            size = real.shape[0]
            choices += [
                ("slice", (0, max(1, size // 2))),
                ("slice", (max(1, size // 2), size)),
                ("select.int", (0, size - 1)),
                ("split.Tensor", (max(1, size // 2),)),
                ("unbind.int", (0,)),
                ("split_with_sizes", ([1, size - 1],)),
                ("expand", ([2, *real.shape],)),
                ("squeeze", ()),
                ("diagonal", ()) if real.dim() > 1 else ("slice", (0, 2)),
                ("transpose.int", (0, real.dim() - 1)),
                ("permute", (list(range(real.dim())),)),
            ]
        name, arguments = self.random.choice(choices)
        if name == "slice":
            self._record(self.sides.slice(both, *arguments))  # type: ignore[arg-type]
            return
        self.operators.add(name)
        self._record(self.sides.op(name, both, *arguments))

    def _write_view(self) -> None:
        """`x[0:1] = 3.`, `x[0] *= y`: a write through a view that nobody keeps."""
        both = self._any()
        if not both.real.dim():
            return
        view = self.sides.slice(both, 0, 1)
        self._record(view)
        if self.over or not view.results:
            return
        self._record(self.sides.op("fill_.Scalar", view.results[0], 3.0))

    def _alias(self) -> None:
        both, tape = self._any(), self.sides.tape
        name = self.random.choice(["detach", "detach", "data", "parameter", "shared"])
        step = self.sides.step + 1
        if name == "detach":
            outcome = self.sides.call("detach()", both, lambda r: r.detach(), lambda m: tape.detach(m, step))
        elif name == "data":
            outcome = self.sides.call("data", both, lambda r: r.data, lambda m: tape.data(m, step))
        elif name == "parameter":
            outcome = self.sides.call("Parameter()", both, torch.nn.Parameter, lambda m: tape.parameter(step, m))
        elif both.real.dim() and not tape.inference_mode:
            outcome = self.sides.op("unsafe_split.Tensor", both, 1)
        else:
            return
        self._record(outcome)

    def _gradient(self) -> None:
        """`.grad` of some leaf becomes a tensor of the program."""
        found = [
            b for b in self.sides.tensors if b.model.wants_grad and b.real.grad is not None and b.model.grad is not None
        ]
        if found:
            leaf = self.random.choice(found)
            both = self.sides.adopt(leaf.real.grad, leaf.model.grad)  # type: ignore[arg-type]
            tensors = self.sides.tensors
            self.lines.append(f"    t{tensors.index(both)} = t{tensors.index(leaf)}.grad")

    def _no_grad_update(self) -> None:
        """What optimizers do: leaves are written under no_grad."""
        leaves = [b for b in self.sides.tensors if b.model.wants_grad and not b.model.inference]
        self._set_modes(False, False)
        for both in self.random.sample(leaves, min(len(leaves), 2)):
            self._record(self.sides.op("mul_.Tensor", both, 0.9))
            if self.over:
                return

    def _flag(self) -> None:
        both, tape, step = self._any(), self.sides.tape, self.sides.step + 1
        name = self.random.choice(
            ["detach_", "requires_grad_", "freeze", "retain_grad", "set_", "set_data", "bump", "resize_"]
        )
        other = self._any()
        if name == "detach_":
            outcome = self.sides.call("detach_()", both, lambda r: r.detach_(), lambda m: tape.detach_(m, step))
        elif name == "requires_grad_":
            if tape.inference_mode:
                return  # an inference tensor that requires grad: some operators record it, some do not
            outcome = self.sides.call(
                "requires_grad_()", both, lambda r: r.requires_grad_(), lambda m: tape.requires_grad_(m, True, step)
            )
        elif name == "freeze":
            outcome = self.sides.call(
                "requires_grad_(False)",
                both,
                lambda r: r.requires_grad_(False),
                lambda m: tape.requires_grad_(m, False, step),
            )
        elif name == "retain_grad":
            outcome = self.sides.call(
                "retain_grad()", both, lambda r: r.retain_grad(), lambda m: tape.retain_grad(m, step)
            )
        elif name == "set_":
            outcome = self.sides.call(
                f"set_(t{self.sides.tensors.index(other)})",
                both,
                lambda r: r.set_(other.real),
                lambda m: tape.set_(m, other.model, step),
            )
        elif name == "set_data":
            if both.model.inference or other.model.inference:
                return  # the tensor changes its nature

            def assign(real: torch.Tensor) -> None:
                real.data = other.real

            outcome = self.sides.call(
                f"data = t{self.sides.tensors.index(other)}",
                both,
                assign,
                lambda m: tape.set_data(m, other.model, step),
            )
        elif name == "bump":
            outcome = self.sides.call(
                "increment_version()", both, torch.autograd.graph.increment_version, lambda m: tape.bump(m, step)
            )
        else:
            outcome = self.sides.call(
                "resize_()",
                both,
                lambda r: r.resize_(r.shape),
                lambda m: tape.resize_(m, step, m.geometry, changes=False),
            )
        self._record(outcome)

    def _out(self) -> None:
        slot = Slot((4,), "float")
        self.operators.add("add.out")
        self._record(self.sides.op("add.out", self._pick(slot), self._pick(slot), out=self._pick(slot)))

    def _scalar(self) -> Both | None:
        both = self._any()
        for _ in range(5):
            if both.model.requires_grad:
                break
            both = self._any()
        if both.real.dim() and self.random.random() < 0.9:
            outcome = self.sides.op("sum", both)
            self._record(outcome)
            if self.over or not outcome.results:
                return None
            both = outcome.results[0]
        return both

    def _backward(self) -> None:
        if self.random.random() < 0.8:
            self._set_modes(True, False)
        root = self._scalar()
        if root is None:
            return
        keep = self.random.random() < 0.4
        tape, step = self.sides.tape, self.sides.step + 1
        inputs = None
        if self.random.random() < 0.15:
            inputs = [self._any()]
        text = f"backward(retain_graph={keep}{'' if inputs is None else f', inputs=[t{self.sides.tensors.index(inputs[0])}]'})"

        def real(tensor: torch.Tensor) -> None:
            tensor.backward(retain_graph=keep, inputs=None if inputs is None else [b.real for b in inputs])

        def model(tensor: object) -> None:
            chosen = None if inputs is None else [b.model for b in inputs]
            tape.backward(tensor, step, retain_graph=keep, inputs=chosen)  # type: ignore[arg-type]

        self._record(self.sides.call(text, root, real, model))

    def _grad(self) -> None:
        self._set_modes(True, False)
        root = self._scalar()
        if root is None:
            return
        tape, step = self.sides.tape, self.sides.step + 1
        keep, unused = self.random.random() < 0.4, self.random.random() < 0.7
        inputs = [self._any() for _ in range(self.random.randint(1, 2))]
        names = ", ".join(f"t{self.sides.tensors.index(b)}" for b in inputs)
        found: list[list[bool]] = []

        def real(tensor: torch.Tensor) -> None:
            gradients = torch.autograd.grad(tensor, [b.real for b in inputs], retain_graph=keep, allow_unused=unused)
            found.append([g is not None for g in gradients])

        def model(tensor: object) -> None:
            gradients = tape.grad(
                tensor,  # type: ignore[arg-type]
                [b.model for b in inputs],
                step,
                retain_graph=keep,
                allow_unused=unused,
            )
            found.append([g is not None for g in gradients])

        outcome = self.sides.call(f"grad([{names}], retain_graph={keep}, allow_unused={unused})", root, real, model)
        if outcome.error is None and outcome.disagreement is None and len(found) == 2 and found[0] != found[1]:
            outcome.disagreement = f"reached: torch {found[0]}, tape {found[1]}"
        self._record(outcome)

    def __str__(self) -> str:
        silent = [h for h in self.sides.tape.hazards if is_silent(h)]
        return "\n".join([*self.lines, self.disagreement or "", *map(str, silent)])
