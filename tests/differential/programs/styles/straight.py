"""Straight code at the top level of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=rng.randint(1, 3), plain=rng.randint(0, 2))
    steps(pool, rng.randint(3, 9), writes=0.28)
    loss = pool.loss(terms=rng.randint(1, 3))
    if rng.random() < 0.5:
        pool.write()
    backward(pool, loss)
    if rng.random() < 0.2:
        steps(pool, 3)
