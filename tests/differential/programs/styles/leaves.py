"""Leaves, parameters and modes: what may be written where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool, Tensor
from tests.differential.programs.statements import backward, steps

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code

MAKERS = (
    *("torch.randn(2, 3, requires_grad=True)", "nn.Parameter(torch.rand(2, 3))", "torch.ones(2, 3).requires_grad_()"),
    *("nn.Linear(3, 2).weight", "torch.zeros((2, 3), requires_grad=True)"),
)

WRITES = (
    *(
        "{x}[0] = 1",
        "{x}[:] = 0.5",
        "{x} += 1",
        "{x}.clamp_(0, 1)",
        "{x}[{x} > 0] = 0",
        "{x}.zero_()",
        "{x}[1].mul_(2)",
        "{x}.normal_()",
    ),
    *(
        "{x} *= 0.5",
        "nn.init.ones_({x})",
        "nn.init.uniform_({x})",
        "{x}.view(-1)[0] = 3",
        "{x}.t().add_(1)",
        "{x}.fill_(0.1)",
    ),
)


def write(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    name = code.name("w")
    late = rng.random() < 0.25
    code(f"{name} = {'torch.randn(2, 3)' if late else rng.choice(MAKERS)}")
    leaf = Tensor(name, (2, 3), tracked=True, leaf=True)
    if rng.random() < 0.4:
        _write(rng, code, name, careful=not late)
    if late:
        code(f"{name}.requires_grad_()")
    pool.add(leaf)
    pool.compute(leaf)
    steps(pool, rng.randint(0, 2), writes=0.3)
    loss = pool.loss(terms=rng.randint(1, 2))
    if rng.random() < 0.45:
        _write(rng, code, name, careful=rng.random() < 0.8)
    if rng.random() < 0.15 and f"{name} = {name}" not in code.text:
        code(f"{name}.requires_grad_(False)", f"{name}.add_(1)", f"{name}.requires_grad_(True)")
    backward(pool, loss)
    if rng.random() < 0.4:
        _write(rng, code, name, careful=rng.random() < 0.8)
        if rng.random() < 0.5:
            backward(pool, pool.loss(terms=1))


def _write(rng: random.Random, code: Code, name: str, *, careful: bool) -> None:
    text = rng.choice(WRITES)
    draw = rng.random()
    if not careful:
        code(text.format(x=name))
    elif draw < 0.55:
        with code.block(
            f"with {rng.choice(('torch.no_grad()', 'torch.no_grad()', 'torch.inference_mode()', 'torch.set_grad_enabled(False)'))}:"
        ):
            code(text.format(x=name))
    elif draw < 0.7:
        alias = code.name("alias")
        code(f"{alias} = {name}.{rng.choice(('detach()', 'detach()', 'detach().clone()'))}", text.format(x=alias))
    elif draw < 0.8:
        code(f"{name} = {name}{rng.choice((' * 2', '.clone()', ' + 0'))}", text.format(x=name))
    else:
        with code.block("with torch.no_grad():"):
            code(f"{name}.{rng.choice(('copy_(torch.zeros(2, 3))', 'mul_(0.9)', 'sub_(0.1)', 'uniform_()'))}")
