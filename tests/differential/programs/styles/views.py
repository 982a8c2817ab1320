"""Families of views: bases, rows, slices, pieces, transposed and expanded tensors, written through one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool
from tests.differential.programs.statements import backward, steps, view_or_pieces, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=1, plain=rng.randint(0, 1))
    pool.compute()
    for _ in range(rng.randint(1, 3)):
        view_or_pieces(pool)
        steps(pool, rng.randint(0, 2), writes=0.4, views=0.3)
    if rng.random() < 0.25:
        _under_no_grad(pool)
    if rng.random() < 0.3:
        _rows(pool)
    loss = pool.loss(terms=rng.randint(2, 3))
    if rng.random() < 0.25:
        pool.write()
    backward(pool, loss)


def _under_no_grad(pool: Pool) -> None:
    mode = pool.rng.choice(("torch.no_grad()", "torch.no_grad()", "torch.inference_mode()"))
    source = pool.pick(tracked=True, computed=True)
    with pool.code.block(f"with {mode}:"):
        view = pool.view(source)
        if pool.rng.random() < 0.3:
            pool.code(f"{view.name}.mul_(0.5)")
    if pool.rng.random() < 0.6:
        pool.write(view)


def _rows(pool: Pool) -> None:
    source = pool.pick(tracked=True, computed=True)
    if len(source.shape) < 2:
        return
    row = pool.code.name("row")
    total = pool.code.name("total")
    pool.code(f"{total} = 0")
    with pool.code.block(pool.rng.choice((f"for {row} in {source.name}:", f"for {row} in {source.name}.unbind(0):"))):
        if pool.rng.random() < 0.4:
            pool.code(f"{row}.mul_(2)")
        pool.code(f"{total} = {total} + {row}.sin().sum()")
    pool.code(f"{total}.backward(retain_graph=True)")
