"""Functions of the user's: helpers that compute or write, with all kinds of parameters, closures, decorators, generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool, Tensor
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.differential.programs.code import Code

Call = str
"""A call's text with `{x}` for its tensor; its value is a tensor of the same shape."""


def write(rng: random.Random, code: Code) -> None:
    calls = [rng.choice(KINDS)(rng, code) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.4:
        with code.block("def main():"):
            _body(rng, code, calls)
        code("", "")
        if rng.random() < 0.7:
            with code.block('if __name__ == "__main__":'):
                code("main()")
        else:
            code("main()")
    else:
        _body(rng, code, calls)


def _body(rng: random.Random, code: Code, calls: list[Call]) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=rng.randint(1, 2), plain=rng.randint(0, 1))
    pool.compute()
    for call in calls:
        source = pool.pick(computed=rng.random() < 0.95)
        text = call.format(x=source.name)
        if rng.random() < 0.25:
            code(text)
        else:
            name = code.name("r")
            code(f"{name} = {text}")
            pool.add(Tensor(name, source.shape, source.tracked, dense=False))
        steps(pool, rng.randint(0, 2), writes=0.3)
    backward(pool, pool.loss(terms=rng.randint(1, 3)))


def _inside(rng: random.Random, code: Code, parameter: str, writes: float = 0.45) -> str:
    """A body over `parameter`; the name of what it gives back."""
    pool = Pool(rng, code, [Tensor(parameter, (3,), tracked=True, dense=False)])
    steps(pool, rng.randint(1, 3), writes=writes, views=0.0)
    return pool.rng.choice([pool.tensors[-1], pool.tensors[-1], pool.tensors[0]]).name


def _simple(rng: random.Random, code: Code) -> Call:
    name = code.name("f")
    with code.block(f"def {name}(x):"):
        code(f"return {_inside(rng, code, 'x')}")
    code("", "")
    return f"{name}({{x}})"


def _with_default(rng: random.Random, code: Code) -> Call:
    name = code.name("f")
    default = rng.choice(("True", "False"))
    with code.block(f"def {name}(x, scale=2.0, inplace={default}):"):
        with code.block("if inplace:"):
            code("x *= scale", "return x")
        code("return x * scale")
    code("", "")
    return rng.choice(
        (f"{name}({{x}})", f"{name}({{x}}, inplace=True)", f"{name}({{x}}, 3.0, False)", f"{name}({{x}}, scale=0.5)")
    )


def _keyword_only(rng: random.Random, code: Code) -> Call:
    name = code.name("f")
    with code.block(f"def {name}(x, /, *rest, gain, **options):"):
        with code.block('if options.get("write", False):'):
            code(Pool(rng, code).write_text(Tensor("x", (3,), tracked=True)))
        code("return x * gain")
    code("", "")
    return rng.choice(
        (f"{name}({{x}}, gain=2)", f"{name}({{x}}, 1, 2, gain=2, write=True)", f"{name}({{x}}, gain=1.5, other=3)")
    )


def _closure(rng: random.Random, code: Code) -> Call:
    name = code.name("make")
    with code.block(f"def {name}(x):"):
        code("held = x.tanh()")
        with code.block("def inner():"):
            if rng.random() < 0.5:
                code("nonlocal held")
                code(rng.choice(("held += 1", "held = held + 1", "held *= 2", "held = held.exp()")))
            else:
                code(rng.choice(("held.add_(1)", "x.mul_(2)", "y = held * 2", "held[0] = 0")))
        code("inner()", rng.choice(("return held", "return held * x")))
    code("", "")
    return f"{name}({{x}})"


def _decorated(rng: random.Random, code: Code) -> Call:
    decorator = code.name("wrap")
    with code.block(f"def {decorator}(function):"):
        with code.block("def wrapper(x, *args, **kwargs):"):
            code(
                rng.choice(
                    (
                        "return function(x, *args, **kwargs)",
                        "return function(x.clone(), *args, **kwargs)",
                        "return function(x) * 2",
                    )
                )
            )
        code("return wrapper")
    code("", "")
    name = code.name("f")
    code(f"@{decorator}")
    with code.block(f"def {name}(x):"):
        code(f"return {_inside(rng, code, 'x')}")
    code("", "")
    return f"{name}({{x}})"


def _without_grad(rng: random.Random, code: Code) -> Call:
    name = code.name("f")
    code("@torch.no_grad()")
    with code.block(f"def {name}(x):"):
        _inside(rng, code, "x", writes=0.4)
        code("return x.clone()")
    code("", "")
    return f"{{x}} * {name}({{x}})"


def _lambda(rng: random.Random, code: Code) -> Call:
    name = code.name("g")
    bodies = ("t: t * 2", "t: t.add_(1)", "t: t.exp()", "t, k=2: t.mul_(k)", "t: t.sigmoid() * t")
    code(f"{name} = lambda {rng.choice(bodies)}")
    return f"{name}({{x}})"


def _partial(rng: random.Random, code: Code) -> Call:
    name = code.name("p")
    code("from functools import partial", "")
    chosen = rng.choice(
        (
            "F.relu, inplace=True",
            "F.relu, inplace=False",
            "torch.add, other=1",
            "F.leaky_relu, negative_slope=0.1, inplace=True",
            "torch.clamp, max=1.0",
        )
    )
    code(f"{name} = partial({chosen})")
    return f"{name}({{x}})"


def _table(rng: random.Random, code: Code) -> Call:
    name = code.name("TABLE")
    entries = {
        "relu": "torch.relu",
        "relu_": "torch.relu_",
        "tanh_": "torch.tanh_",
        "exp": "lambda t: t.exp()",
        "shift": "lambda t: t.add_(1)",
        "same": "lambda t: t",
    }
    chosen = rng.sample(sorted(entries), 3)
    with code.block(f"{name} = {{"):
        code(*(f'"{key}": {entries[key]},' for key in chosen))
    code("}")
    return f'{name}["{rng.choice(chosen)}"]({{x}})'


def _generator(rng: random.Random, code: Code) -> Call:
    name = code.name("walk")
    with code.block(f"def {name}(x, n=2):"), code.block("for _ in range(n):"):
        code(rng.choice(("x = x.exp()", "x = x * 2", "x = x.sigmoid()", "x = x + 1")))
        code("yield x")
    code("", "")
    use = code.name("f")
    with code.block(f"def {use}(x):"):
        code("total = 0")
        with code.block(f"for item in {name}(x):"):
            code(rng.choice(("total = total + item", "total = total + item.sin()")))
            code(rng.choice(("item += 1", "item = item + 1", "item.zero_()", "pass")))
        code("return total")
    code("", "")
    return f"{use}({{x}})"


def _recursive(rng: random.Random, code: Code) -> Call:
    name = code.name("rec")
    with code.block(f"def {name}(x, depth):"):
        with code.block("if depth == 0:"):
            code("return x")
        code(rng.choice(("x = x.tanh()", "x = x * 2", "x = x.exp()", "x = x.relu()")))
        code(rng.choice(("x += 1", "x = x + 1", "x.mul_(0.5)", "x = x.sin()")))
        code(f"return {name}(x, depth - 1)")
    code("", "")
    return f"{name}({{x}}, {rng.randint(1, 3)})"


KINDS: tuple[Callable[[random.Random, Code], Call], ...] = (
    _simple,
    _simple,
    _with_default,
    _keyword_only,
    _closure,
    _decorated,
    _without_grad,
    _lambda,
    _partial,
    _table,
    _generator,
    _recursive,
)
