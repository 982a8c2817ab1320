"""Random programs of tensor calls, run on torch and on the tape side by side."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch

from tests.differential.tape import backwards, calls, views
from tests.differential.tape.samples import Slot, fresh
from tests.differential.tape.sides import Both, Outcome, Sides, goes_on_otherwise, is_silent

if TYPE_CHECKING:
    from collections.abc import Callable

# What a program does next, and how often (in hundredths).
_STEPS: tuple[tuple[int, Callable[[Program], None]], ...] = (
    (24, calls.any_operator),
    (22, calls.common_operator),
    (12, views.view),
    (3, views.complex_view),
    (5, views.write_view),
    (4, views.alias),
    (4, views.flag),
    (2, calls.foreach),
    (2, calls.out),
    (2, calls.with_saved_hooks),
    (3, calls.custom_function),
    (2, backwards.gradient),
    (2, backwards.update),
    (2, backwards.hook),
    (6, backwards.backward),
    (2, backwards.weighted_backward),
    (5, backwards.grad),
)
_DTYPES = {"float": torch.float32, "index": torch.int64, "mask": torch.bool}


class Program:
    """One random program. `disagreement`: the first difference found, None if there is none.

    `over`: the two sides can no longer be compared, or differ. `hooks`: for each hook, how often torch and the tape called it.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.sides = Sides()
        self.lines: list[str] = []
        self.operators: set[str] = set()
        self.kinds: list[str] = []
        self.hooks: list[list[int]] = []
        self.disagreement: str | None = None
        self.over = False
        torch.manual_seed(seed)

    def run(self) -> None:
        """Make the calls, until the program ends or the sides differ."""
        for _ in range(self.random.randint(2, 4)):
            self.new(Slot(self.random.choice([(4,), (2, 2)]), "float"), self.random.random() < 0.6)
        weights, steps = zip(*_STEPS, strict=True)
        for step in self.random.choices(steps, weights, k=self.random.randint(4, 24)):
            if self.over:
                return
            draw = self.random.random()
            self.set_modes(draw > 0.2, draw < 0.03)
            step(self)
        if not self.over:
            self.set_modes(True, False)
            backwards.backward(self)

    def set_modes(self, grad: bool, inference: bool) -> None:
        """The modes of the next calls."""
        self.sides.tape.grad_mode = grad and not inference
        self.sides.tape.inference_mode = inference

    def record(self, outcome: Outcome) -> None:
        """Note what a call did, and whether the program can go on."""
        mode = "inference: " if self.sides.tape.inference_mode else "" if self.sides.tape.grad_mode else "no_grad: "
        names = ", ".join(f"t{self.sides.tensors.index(both)}" for both in outcome.results)
        hazard = type(outcome.hazard).__name__ if outcome.hazard is not None else None
        self.lines.append(
            f"{self.sides.step:3} {mode}{names + ' = ' if names else ''}{outcome.call}   # {hazard or outcome.error or 'ok'}"
        )
        self.kinds.append(hazard or ("foreign" if outcome.foreign else "ok"))
        if outcome.disagreement is None and outcome.error is None and not outcome.foreign:
            outcome.disagreement = next(
                (f"hook {i} called: torch {c[0]}, tape {c[1]}" for i, c in enumerate(self.hooks) if c[0] != c[1]), None
            )
        if outcome.disagreement is not None:
            self.disagreement = outcome.disagreement
            self.over = True
        elif outcome.foreign:
            self.over = True  # the call may have left traces on torch's side only
        elif goes_on_otherwise(outcome.hazard):
            self.over = True
        elif (outcome.hazard is not None and "backward" in outcome.call) or ("grad(" in outcome.call and outcome.error):
            self.over = True  # torch stopped in the middle of the graph
        elif outcome.error is not None and ".apply(" in outcome.call:
            self.over = True  # its forward may have written what it must not mark

    # --- tensors

    def new(self, slot: Slot, requires_grad: bool) -> Both:
        """A fresh tensor."""
        both = self.sides.tensor(
            fresh(slot), requires_grad and slot.dtype == "float" and not self.sides.tape.inference_mode
        )
        self.lines.append(
            f"{self.sides.step:3} t{self.sides.tensors.index(both)} = tensor({slot.shape}, requires_grad={both.real.requires_grad})"
        )
        return both

    def pick(self, slot: Slot) -> Both:
        """A tensor of the program that fits the slot, or a new one."""
        fitting = [
            both
            for both in self.sides.tensors
            if tuple(both.real.shape) == slot.shape
            and both.real.dtype == _DTYPES[slot.dtype]
            and both.real.layout == torch.strided
        ]
        if slot.dtype == "index":
            fitting = [both for both in fitting if bool(((both.real >= 0) & (both.real < 2)).all())]
        if fitting and self.random.random() < 0.9:
            return self.random.choice(fitting[-6:] if self.random.random() < 0.6 else fitting)
        return self.new(slot, self.random.random() < 0.5)

    def target(self, slot: Slot) -> Both:
        """What an in-place operator writes: mostly something that torch lets it write."""
        for _ in range(4):
            both = self.pick(slot)
            model = both.model
            if model.node is not None or not model.requires_grad or not self.sides.tape.grad_mode:
                break
        return both

    def any(self) -> Both:
        """Some tensor of real numbers, more likely a late one."""
        floats = [b for b in self.sides.tensors if b.real.is_floating_point() and b.real.numel() > 0]
        return self.random.choice(floats[-6:] if self.random.random() < 0.5 else floats)

    def __str__(self) -> str:
        silent = [h for h in self.sides.tape.hazards if is_silent(h)]
        return "\n".join([*self.lines, self.disagreement or "", *map(str, silent)])
