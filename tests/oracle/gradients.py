"""Are the gradients that torch computed those of the program?

The reference is the numerical derivative: the program is run again with one element of the leaf moved a little, and
what its backward calls propagate is summed, as `.grad` sums it. A program that steps an optimizer cannot be moved so
(a moved weight moves the steps as well); its reference is its own gradient computed from copies taken at each save,
which no later write reaches.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

from tests.oracle.reports import SpoiledGradient

if TYPE_CHECKING:
    from tests.oracle.execution import Execution

STEP = 1e-2
"""How far an element is moved: central differences of float32 values then err by about 1e-5."""

TOLERANCE = 1e-2


def spoiled_gradients(execution: Execution, expressions: Sequence[str]) -> tuple[SpoiledGradient, ...]:
    """Those of `expressions` (leaves, as the main file names them at its end) whose gradient is not the reference."""
    spoiled = []
    for expression in expressions:
        with _recorded() as record:
            names, _ = execution.run()
        found = _values(eval(expression, names).grad)
        reference = _from_copies(execution, expression) if record.stepped else _numerical(execution, expression)
        if not _close(found, reference):
            spoiled.append(SpoiledGradient(expression, found, reference))
    return tuple(spoiled)


def _from_copies(execution: Execution, expression: str) -> list[float] | None:
    with torch.autograd.graph.saved_tensors_hooks(lambda saved: saved.clone(), lambda copy: copy):
        names, _ = execution.run()
    return _values(eval(expression, names).grad)


def _numerical(execution: Execution, expression: str) -> list[float]:
    names, _ = execution.run()
    derivative = []
    for index in range(eval(expression, names).numel()):
        sums = []
        for step in (STEP, -STEP):

            def move(leaf: torch.Tensor, index: int = index, step: float = step) -> None:
                leaf.data.view(-1)[index] += step

            with _recorded() as record:
                names, _ = execution.run(_moving(expression), __move__=move)
            sums.append(record.sum)
        derivative.append((sums[0] - sums[1]) / (2 * STEP))
    return derivative


def _moving(expression: str) -> Any:
    """An edit of the main file: `__move__(expression)` right after the statement that first binds its root name."""
    root = next(node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name))
    call = ast.parse(f"__move__({expression})").body[0]

    def change(tree: ast.Module) -> None:
        for position, statement in enumerate(tree.body):
            stored = (n for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            if any(name.id == root for name in stored):
                tree.body.insert(position + 1, ast.copy_location(call, statement))
                ast.fix_missing_locations(tree)
                return
        raise ValueError(f"the program binds no {root!r} at its top level")

    return change


@dataclass
class _Record:
    """What the backward calls of one run propagated, summed, and whether an optimizer stepped."""

    sum: float = 0.0
    stepped: bool = False


@contextlib.contextmanager
def _recorded() -> Iterator[_Record]:
    record = _Record()
    backward = torch.autograd.backward

    def recording(tensors: Any, grad_tensors: Any = None, *rest: Any, **named: Any) -> None:
        roots = [tensors] if isinstance(tensors, torch.Tensor) else list(tensors)
        weights = grad_tensors if isinstance(grad_tensors, Sequence) else [grad_tensors] * len(roots)
        for root, weight in zip(roots, weights, strict=True):
            record.sum += float((root if weight is None else root * weight).detach().sum())
        backward(tensors, grad_tensors, *rest, **named)

    def stepping(*_: object) -> None:
        record.stepped = True

    hook = register_optimizer_step_pre_hook(stepping)
    torch.autograd.backward = recording
    try:
        yield record
    finally:
        torch.autograd.backward = backward
        hook.remove()


def _values(tensor: torch.Tensor | None) -> list[float] | None:
    return None if tensor is None else [float(value) for value in tensor.detach().flatten()]


def _close(found: list[float] | None, reference: list[float] | None) -> bool:
    if found is None or reference is None:
        return found is None and (reference is None or not any(reference))
    return all(abs(a - b) <= TOLERANCE * (1 + abs(b)) for a, b in zip(found, reference, strict=True))
