"""State that lives across the rounds of a loop: running tensors, preallocated buffers, histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool, Tensor
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=1)
    (leaf,) = pool.tensors
    rng.choice((_running, _running, _buffer, _buffer, _history, _grid))(pool, leaf)
    if rng.random() < 0.3:
        pool.write()
    steps(pool, rng.randint(0, 2), writes=0.3)
    backward(pool, pool.loss(terms=rng.randint(1, 2)))


def _running(pool: Pool, leaf: Tensor) -> None:
    rng, code = pool.rng, pool.code
    state, total = code.name("state"), code.name("total")
    code(f"{state} = torch.{rng.choice(('zeros', 'ones'))}_like({leaf.name})", f"{total} = 0")
    with code.block(f"for step in range({rng.randint(2, 4)}):"):
        code(
            rng.choice(
                (
                    f"{state} += {leaf.name}",
                    f"{state} += {state}.sin() * {leaf.name}",
                    f"{state} = {state} + {leaf.name}.exp()",
                    f"{state} = torch.tanh({state} + {leaf.name})",
                    f"{state} *= {leaf.name}",
                    f"{state} = {state} * {leaf.name}",
                    f"{state}.mul_(0.9).add_({leaf.name})",
                    f"{state}.copy_({leaf.name} * step)",
                )
            )
        )
        code(
            rng.choice(
                (
                    f"{total} = {total} + {state}.sum()",
                    f"{total} = {total} + ({state} * {leaf.name}).sum()",
                    f"{total} = {total} + {state}.sin().sum()",
                    f"{total} += {state}.mean()",
                    f"{total} = {total} + {state}.clone().sin().sum()",
                )
            )
        )
        if rng.random() < 0.25:
            code(rng.choice((f"{state} = {state}.detach()", f"{state}[0] = 0", f"{state} = {state}.clone()")))
    code(f"{total} = {total} + ({leaf.name} * 1).sum()")
    last = code.name("last")
    code(f"{last} = {state} + {leaf.name} + {total}")
    pool.add(Tensor(last, leaf.shape, tracked=True, dense=False))


def _buffer(pool: Pool, leaf: Tensor) -> None:
    rng, code = pool.rng, pool.code
    rows, part = code.name("rows"), code.name("part")
    code(f"{rows} = torch.zeros(3, *{leaf.name}.shape)", f"{part} = {leaf.name} * 1")
    with code.block("for t in range(3):"):
        before = rng.random() < 0.4
        read = rng.choice(("{r}[t - 1]", "{r}[t - 1].clone()", "{r}[0]", "{r}.mean(0)", "{r}[:t].sum(0)"))
        if before:
            code(f"{part} = {read.format(r=rows)} * {leaf.name}{rng.choice(('', ' + 1', '.sin()'))}")
        else:
            code(
                f"{part} = {rng.choice((f'{leaf.name} * t', f'{part}.tanh()', f'{part} * {leaf.name}', f'{part} + 1'))}"
            )
        code(
            rng.choice(
                (
                    f"{rows}[t] = {part}",
                    f"{rows}[t] = {part}.exp()",
                    f"{rows}[t] += {part}",
                    f"{rows}[t, ...] = {part}",
                    f"{rows}[t].copy_({part})",
                )
            )
        )
        if rng.random() < 0.2:
            code(rng.choice((f"{part} += 1", f"{part} = {part} * 2", f"{rows}.mul_(0.5)")))
    pool.add(Tensor(rows, (3, *leaf.shape), tracked=True, dense=False))


def _history(pool: Pool, leaf: Tensor) -> None:
    rng, code = pool.rng, pool.code
    state, seen = code.name("state"), code.name("seen")
    code(f"{state}, {seen} = {leaf.name} * 1, []")
    with code.block(f"for step in range({rng.randint(2, 3)}):"):
        code(f"{seen}.append({state}{rng.choice(('', '.clone()', '.exp()', ' * 2', '.sigmoid()', '.detach()'))})")
        code(
            rng.choice(
                (
                    f"{state} = {state}.tanh()",
                    f"{state} += 1",
                    f"{state} = {state} * 2",
                    f"{state}.mul_(2)",
                    f"{state} = {seen}[-1] + 1",
                )
            )
        )
        if rng.random() < 0.2:
            code(rng.choice((f"{seen}[-1].add_(1)", f"{seen}[0] = {seen}[0] + 1", f"{seen}[-1] *= 2")))
    combined = code.name("y")
    code(f"{combined} = torch.stack({seen}).{rng.choice(('sum(0)', 'prod(0)', 'mean(0)'))} + {state} + {leaf.name}")
    pool.add(Tensor(combined, leaf.shape, tracked=True, dense=False))


def _grid(pool: Pool, leaf: Tensor) -> None:
    rng, code = pool.rng, pool.code
    grid, value = code.name("grid"), code.name("value")
    code(f"{grid} = torch.zeros(2, 3)", f"{value} = {leaf.name}.sum()")
    with code.block("for i in range(2):"), code.block("for j in range(3):"):
        code(
            rng.choice(
                (
                    f"{grid}[i, j] = {value} * (i + j)",
                    f"{grid}[i, j] = {grid}[i, j - 1] + {value}",
                    f"{grid}[i, j] = {grid}[i, j - 1] * {value}",
                    f"{grid}[i, j] = {grid}[i - 1, j].exp() * 0.1 + {value}",
                    f"{grid}[i, j] += {value}",
                    f"{grid}[i][j] = {value} + j",
                )
            )
        )
    pool.add(Tensor(grid, (2, 3), tracked=True))
