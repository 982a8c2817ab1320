"""Public calls of torch, taken at random from the list that the operator tests use, and their operands or results written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code

LIST = Path(__file__).resolve().parents[2] / "operators" / "calls.txt"

CALLS = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#") and "//" not in line]


def write(rng: random.Random, code: Code) -> None:
    code(
        "w = torch.rand(2, 3, requires_grad=True)",
        f"x = {rng.choice(('w * 0.5 + 0.25', 'w.sqrt() * 0.5 + 0.3', 'w.clamp(0.3, 0.7)'))}",
    )
    names = ["x"]
    total = []
    for _ in range(rng.randint(1, 3)):
        name = code.name("y")
        code(f"{name} = {rng.choice(CALLS)}")
        names.append(name)
        total.append(f"{name}.sum()" if rng.random() < 0.8 else f"({name} * 2).sum()")
        if rng.random() < 0.3:
            code(_write(rng, rng.choice(names)))
    code(f"loss = {' + '.join(total)} + x.sum()")
    if rng.random() < 0.4:
        code(_write(rng, rng.choice(names)))
    code("loss.backward()")


def _write(rng: random.Random, name: str) -> str:
    return rng.choice(
        ("{n} += 1", "{n}.mul_(2)", "{n} *= 0.5", "{n}.zero_()", "{n} = {n} + 1", "{n}.detach().add_(1)", "{n} -= 0.1")
    ).format(n=name)
