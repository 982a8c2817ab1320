"""More than one backward: retained graphs, `autograd.grad`, second derivatives, inner steps, hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    rng.choice((_twice, _twice, _grad, _second, _inner, _hooked, _branches))(rng, code)


def _begin(rng: random.Random, code: Code) -> Pool:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=rng.randint(1, 2))
    steps(pool, rng.randint(1, 3), writes=0.15, views=0.05)
    return pool


def _twice(rng: random.Random, code: Code) -> None:
    pool = _begin(rng, code)
    loss = pool.loss()
    code(f"{loss}.backward({rng.choice(('retain_graph=True', 'retain_graph=True', ''))})")
    if rng.random() < 0.4:
        pool.write()
    if rng.random() < 0.5:
        loss = pool.loss()
    backward(pool, loss)


def _grad(rng: random.Random, code: Code) -> None:
    pool = _begin(rng, code)
    leaves = [t.name for t in pool.tensors if t.leaf]
    loss = pool.loss()
    code(f"{loss} = {loss} + {' + '.join(f'{leaf}.sum()' for leaf in leaves)}")
    if rng.random() < 0.4:
        pool.write()
    wanted = rng.choice((leaves[0], f"[{', '.join(leaves)}]"))
    code(f"gradients = torch.autograd.grad({loss}, {wanted}, retain_graph={rng.choice(('True', 'False'))})")
    code("first = gradients[0]", rng.choice(("first.mul_(2)", "first = first * 2", "first.clamp_(-1, 1)")))
    if rng.random() < 0.5:
        backward(pool, loss)


def _second(rng: random.Random, code: Code) -> None:
    code("w = torch.randn(3, requires_grad=True)")
    code(f"y = {rng.choice(('w ** 3', 'w.exp()', 'w.sin() * w', 'w * w', 'w.tanh()'))}")
    if rng.random() < 0.2:
        code(rng.choice(("y = y * 2", "y *= 2")))
    code("(g,) = torch.autograd.grad(y.sum(), w, create_graph=True)")
    code(f"penalty = {rng.choice(('g.pow(2)', 'g.exp()', 'g * w', 'g + w', 'g.abs()'))}")
    code(rng.choice(("penalty += 1", "penalty = penalty + 1", "penalty.mul_(2)", "g.mul_(2)", "g = g * 2", "pass")))
    if rng.random() < 0.3:
        with code.block("with torch.no_grad():"):
            code(rng.choice(("w += 1", "w.mul_(0.5)", "y.zero_()")))
    code("loss = penalty.sum()", "loss.backward()")


def _inner(rng: random.Random, code: Code) -> None:
    """Steps of an inner loop that an outer loss is propagated through."""
    code("w = torch.randn(3, requires_grad=True)", "fast = w * 1" if rng.random() < 0.3 else "fast = w")
    with code.block(f"for step in range({rng.randint(1, 2)}):"):
        code(f"inner = {rng.choice(('(fast * fast).sum()', '(fast ** 3).sum()', 'fast.exp().sum()'))}")
        code("(g,) = torch.autograd.grad(inner, fast, create_graph=True)")
        style = rng.randrange(5)
        if style < 3:
            code("fast = fast - 0.1 * g")
        elif style == 3:
            with code.block("with torch.no_grad():"):
                code("fast -= 0.1 * g")
        else:
            code("fast = fast.clone()", "fast -= 0.1 * g")
    code(
        f"outer = {rng.choice(('(fast * fast).sum()', 'fast.sin().sum() + g.sum()', '(fast - 1).pow(2).mean() + g.sum()'))}",
        "outer.backward()",
    )


def _hooked(rng: random.Random, code: Code) -> None:
    pool = _begin(rng, code)
    source = pool.pick(tracked=True)
    code(
        "seen = []",
        f"{source.name}.register_hook({rng.choice(('lambda g: g * 2', 'lambda g: seen.append(g.norm())', 'lambda g: None'))})",
    )
    steps(pool, 2, writes=0.2)
    backward(pool, pool.loss())


def _branches(rng: random.Random, code: Code) -> None:
    """Two losses over one trunk, of which one may be broken and unused."""
    pool = _begin(rng, code)
    trunk = pool.compute(pool.pick(tracked=True))
    left, right = pool.compute(trunk), pool.compute(trunk)
    first, second = code.name("loss"), code.name("loss")
    code(f"{first} = {pool.reduce(left)}", f"{second} = {pool.reduce(right)}")
    if rng.random() < 0.6:
        pool.write(rng.choice((left, right, trunk)))
    code(f"{first}.backward({rng.choice(('retain_graph=True', 'retain_graph=True', ''))})")
    if rng.random() < 0.6:
        code(f"{second}.backward()")
