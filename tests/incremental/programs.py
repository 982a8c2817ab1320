"""The files that are edited: programs of the examples and of the literate cases, joined into longer ones."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)

HELPER = '''\
"""Layers that the program imports."""

import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self, factor=2.0):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.factor = factor

    def forward(self, x):
        y = torch.sigmoid(x * self.weight)
        y *= self.factor
        return y


def spoil(t):
    t += 1
    return t


def keep(t, scale=1.0):
    t = t * scale
    return t
'''

USER = """\
import torch
from helper import Scale, keep, spoil

w = torch.ones(3, requires_grad=True)
scale = Scale()
loss = (scale(w.exp()) * spoil(keep(w).tanh())).sum()
loss.backward()
"""


@cache
def blocks() -> tuple[str, ...]:
    """Whole programs, each of which runs alone."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.py"))]
    for path in sorted((ROOT / "tests" / "semantics").glob("*.md")):
        texts += [block for block in _BLOCK.findall(path.read_text(encoding="utf-8")) if "import torch" in block]
    return tuple(texts)


def program(choose: random.Random) -> str:
    """One to three programs below each other."""
    parts = [choose.choice(blocks()) for _ in range(choose.randint(1, 3))]
    if choose.random() < 0.3:
        parts.append(USER)
    return "\n\n".join(parts)
