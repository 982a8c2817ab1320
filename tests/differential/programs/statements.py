"""Random stretches of straight code over a pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.differential.programs.pool import Pool


def steps(pool: Pool, count: int, *, writes: float = 0.2, views: float = 0.12) -> None:
    """`count` statements: computations, views and, each with its probability, writes."""
    for _ in range(count):
        draw = pool.rng.random()
        if draw < writes:
            pool.write()
        elif draw < writes + views:
            view_or_pieces(pool)
        else:
            pool.compute()


def view_or_pieces(pool: Pool) -> None:
    """A view, or a tensor of two rows taken apart."""
    two_rows = [t for t in pool.tensors if t.shape[0] == 2 and t.name.isidentifier()]
    if two_rows and pool.rng.random() < 0.15:
        pool.pieces(pool.rng.choice(two_rows))
    else:
        pool.view()


def with_leaf(pool: Pool, *, leaves: int = 1, plain: int = 0) -> None:
    """Leaves and data to begin with."""
    shape = None
    for _ in range(leaves):
        shape = pool.leaf(shape).shape if pool.rng.random() < 0.7 else pool.leaf().shape
    for _ in range(plain):
        pool.plain(shape if pool.rng.random() < 0.7 else None)


def backward(pool: Pool, loss: str) -> None:
    """Propagate a loss in one of the ways in which it is written."""
    text = pool.rng.choice(
        (f"{loss}.backward()",) * 6 + (f"torch.autograd.backward({loss})", f"torch.autograd.backward([{loss}])")
    )
    pool.code(text)
