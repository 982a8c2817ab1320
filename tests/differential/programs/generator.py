"""One random program per seed and number: the same program on every machine."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.differential.programs.code import Code
from tests.differential.programs.styles import STYLES

HEADER = ("import torch", "import torch.nn.functional as F", "from torch import nn")


@dataclass(frozen=True)
class Generated:
    """A program and the style it is written in."""

    style: str
    text: str


def generate(seed: int, number: int, styles: tuple[str, ...] = tuple(STYLES)) -> Generated:
    """Program `number` of `seed`."""
    rng = random.Random(f"{seed}/{number}")
    style = styles[number % len(styles)]
    body = Code()
    STYLES[style](rng, body)
    needed = [f"import {name}" for name in ("copy",) if f"{name}." in body.text]
    needed += ["import numpy as np"] if "np." in body.text else []
    return Generated(style, "\n".join([*needed, *HEADER, "", "torch.manual_seed(0)"]) + "\n\n" + body.text)
