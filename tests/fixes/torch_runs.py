"""Runs of programs under torch that note what a fix must not change: every loss, and every gradient.

Each program runs in a fork of a process that has imported torch once, so that no program meets the leavings of another.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
import torch._dynamo  # the first optimizer loads it, for a second

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIMIT = 30
"""Seconds after which a program counts as failed."""


@dataclass
class Outcome:
    """`raised`: what left the program, "" if nothing did. `losses`: the roots of its backward calls, in order.

    `gradients`: what arrived at the leaves after each of them; `reference`: the same from copies taken at each save, which
    no write reaches.
    """

    raised: str = ""
    losses: list[list[float]] = field(default_factory=list)
    gradients: list[list[float]] = field(default_factory=list)
    reference: list[list[float]] = field(default_factory=list)

    @property
    def right_gradients(self) -> bool:
        return close(self.gradients, self.reference)


def run(files: Mapping[str, str], main: str, caller: str | None = None) -> Outcome:
    """What torch does with a program of `files`; `caller` runs after `main`, in its names."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(LIMIT)
        try:
            outcome = _judged(files, main, caller)
        except BaseException:
            outcome = Outcome(raised=traceback.format_exc())
        with os.fdopen(writing, "w") as pipe:
            json.dump(outcome.__dict__, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    try:
        return Outcome(**json.loads(text))
    except json.JSONDecodeError:  # Its time was up, perhaps in the middle of the answer.
        return Outcome(raised="the process ended without an answer")


def close(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> bool:
    """Whether two records agree up to rounding."""
    return len(one) == len(other) and all(
        len(a) == len(b) and all(map(_near, a, b)) for a, b in zip(one, other, strict=True)
    )


def _near(one: float, other: float) -> bool:
    both_nan = one != one and other != other
    return both_nan or one == other or abs(one - other) <= 1e-4 * (1 + abs(other))


def _judged(files: Mapping[str, str], main: str, caller: str | None) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        sys.path.insert(0, folder)
        os.chdir(folder)
        record = _Record()
        raised = record.of(files[main], main, caller)
        outcome = Outcome(raised, record.losses, record.gradients)
        copied = _Record()
        for name in [name for name, module in sys.modules.items() if _is_in(module, folder)]:
            del sys.modules[name]
        with torch.autograd.graph.saved_tensors_hooks(lambda saved: saved.clone(), lambda copy: copy):
            refused = copied.of(files[main], main, caller)
        # The transforms of torch.func take no copies at saves; their results are taken as they are.
        outcome.reference = record.gradients if "support saved tensor hooks" in refused else copied.gradients
        return outcome


class _Record:
    """The losses and gradients of one run."""

    def __init__(self) -> None:
        self.losses: list[list[float]] = []
        self.gradients: list[list[float]] = []

    def of(self, text: str, name: str, caller: str | None) -> str:
        backward, grad = torch.autograd.backward, torch.autograd.grad

        def recording_backward(tensors: Any, *rest: Any, **named: Any) -> None:
            leaves = _leaves(tensors)
            self.losses.append(_values(tensors))
            backward(tensors, *rest, **named)
            self.gradients.append(_values([leaf.grad for leaf in leaves if leaf.grad is not None]))

        def recording_grad(outputs: Any, *rest: Any, **named: Any) -> Any:
            self.losses.append(_values(outputs))
            found = grad(outputs, *rest, **named)
            self.gradients.append(_values([each for each in found if each is not None]))
            return found

        torch.autograd.backward, torch.autograd.grad = recording_backward, recording_grad
        torch.manual_seed(0)
        names: dict[str, Any] = {"__name__": "__main__", "__file__": name}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(text, name, "exec"), names)
                if caller is not None:
                    exec(compile(caller, "caller.py", "exec"), names)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            torch.autograd.backward, torch.autograd.grad = backward, grad
        return ""


def _leaves(tensors: Any) -> list[torch.Tensor]:
    """The leaves whose `grad` a backward from `tensors` fills, in the order in which the graph is walked."""
    roots = [tensors] if isinstance(tensors, torch.Tensor) else list(tensors)
    pending = [root.grad_fn for root in roots if root.grad_fn is not None]
    seen, leaves = set(), []
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        pending.extend(following for following, _ in node.next_functions if following is not None)
    return leaves


def _values(tensors: Any) -> list[float]:
    each = [tensors] if isinstance(tensors, torch.Tensor) else list(tensors)
    return [float(value) for tensor in each for value in tensor.detach().to_dense().double().flatten()]


def _is_in(module: object, folder: str) -> bool:
    return str(getattr(module, "__file__", None) or "").startswith(folder)
