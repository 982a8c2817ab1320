"""Writes past the version counter: `.data`, numpy, fused optimizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import QUIET_WRITES, Pool
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    rng.choice((_data, _data, _parameter, _numpy, _from_numpy, _fused))(rng, code)


def _data(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=1)
    steps(pool, rng.randint(1, 3), writes=0.0)
    loss = pool.loss(terms=1)
    early = rng.random() < 0.75
    target = pool.pick(computed=True)
    if early:
        code(rng.choice(QUIET_WRITES).format(x=target.name))
    backward(pool, loss)
    if not early:
        code(rng.choice(QUIET_WRITES).format(x=target.name))


def _parameter(rng: random.Random, code: Code) -> None:
    code("net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))", "x = torch.randn(5, 3)")
    code("loss = net(x).pow(2).mean()")
    update = [
        "for p in net.parameters():",
        f"    {rng.choice(('p.data.mul_(0.5)', 'p.data -= 0.1', 'p.data = p.data * 0.5', 'p.data.add_(torch.ones_like(p))'))}",
    ]
    if early := rng.random() < 0.5:
        code(*update)
    code("loss.backward()")
    if not early:
        code(*update)


def _numpy(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=1)
    y = pool.compute(pool.tensors[0])
    loss = pool.loss(terms=1)
    array = rng.choice(
        ("{x}.detach().numpy()", "{x}.detach().numpy().copy()", "np.array({x}.detach())", "{x}.data.numpy()")
    )
    code(
        f"array = {array.format(x=y.name)}",
        rng.choice(
            ("array *= -3", "array[0] = -5", "array = array + 1", "array *= -2", "np.multiply(array, -3, out=array)")
        ),
    )
    backward(pool, loss)


def _from_numpy(rng: random.Random, code: Code) -> None:
    made = rng.choice(
        ("torch.from_numpy(array)", "torch.tensor(array)", "torch.as_tensor(array)", "torch.from_numpy(array).clone()")
    )
    code("w = torch.randn(3, requires_grad=True)", "array = np.ones(3, dtype=np.float32)", "total = 0")
    with code.block("for step in range(2):"):
        code(f"x = {made}", f"total = total + {rng.choice(('(w * x).sum()', '(w + x).sum()', '(w * x).tanh().sum()'))}")
        code(rng.choice(("array += 1", "array = array + 1", "array[:] = step + 2")))
    code("total.backward()")


def _fused(rng: random.Random, code: Code) -> None:
    optimizer = rng.choice(("Adam", "AdamW", "SGD"))
    fused = rng.choice(("True", "True", "False"))
    code("net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))")
    code(
        f"opt = torch.optim.{optimizer}(net.parameters(), lr=0.5, fused={fused})",
        "x = torch.randn(5, 3)",
        "net(x).sum().backward()",
    )
    code("loss = net(x).pow(2).mean()")
    if rng.random() < 0.6:
        code("opt.step()", "opt.zero_grad()", "loss.backward()")
    else:
        code("opt.zero_grad()", "loss.backward()", "opt.step()")
