"""Branches, loops and the other compound statements around tensor code, with conditions that the program itself decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool, Tensor
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=rng.randint(1, 2), plain=0)
    pool.compute()
    for _ in range(rng.randint(1, 3)):
        rng.choice((_if, _if, _for, _while, _try, _with, _match, _choice, _walrus, _endless))(pool)
        steps(pool, rng.randint(0, 1), writes=0.3)
    backward(pool, pool.loss(terms=rng.randint(1, 2)))


def _arm(pool: Pool, target: str, source: Tensor) -> None:
    """Code that leaves a tensor in `target`, made from `source`."""
    text = pool.rng.choice(("{x} * 2", "{x}.exp()", "{x}.tanh()", "{x} + 1", "{x}.clone()", "{x}", "{x}.sigmoid()"))
    pool.code(f"{target} = {text.format(x=source.name)}")
    if pool.rng.random() < 0.55 and not source.leaf:
        pool.code(
            pool.rng.choice((f"{target} += 1", f"{target}.mul_(2)", f"{source.name}.add_(1)", f"{target}[0] = 0"))
        )


def _bind(pool: Pool, target: str, source: Tensor) -> None:
    pool.add(Tensor(target, source.shape, source.tracked, dense=False))


def _if(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target = pool.pick(tracked=True), code.name("y")
    condition = rng.choice(
        (
            *(
                "True",
                "not True",
                f"{source.name}.dim() == {len(source.shape)}",
                f"len({source.name}) > 2",
                "1 < 2 <= 3",
            ),
            *(
                f"{source.name}.requires_grad",
                "__name__ == '__main__'",
                f"{source.name} is not None",
                f"{source.name}.shape[0] == 2",
            ),
            *(
                f"isinstance({source.name}, torch.Tensor)",
                "torch.is_grad_enabled()",
                "'a' in ('b', 'a')",
                f"{source.name}.size(0) != 2",
            ),
        )
    )
    with code.block(f"if {condition}:"):
        _arm(pool, target, source)
    with code.block("else:"):
        _arm(pool, target, source)
    _bind(pool, target, source)


def _for(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target, index = pool.pick(tracked=True), code.name("y"), code.name("i")
    code(f"{target} = {source.name} * 1")
    with code.block(f"for {index} in range({rng.randint(1, 4)}):"):
        if rng.random() < 0.4:
            with code.block(f"if {index} == {rng.randint(0, 3)}:"):
                code(rng.choice(("continue", "break", f"{target} = {target}.exp()", f"{target} += 1")))
        code(
            rng.choice(
                (
                    f"{target} = {target}.exp()",
                    f"{target} = {target} * {target}",
                    f"{target} += 1",
                    f"{target} = {target}.tanh()",
                )
            )
        )
        if rng.random() < 0.3:
            code(
                rng.choice(
                    (f"{target} *= 2", f"{target}.add_(1)", f"{target} = {target} - 1", f"{target}[0] = {index}")
                )
            )
    _bind(pool, target, source)


def _while(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target, count = pool.pick(tracked=True), code.name("y"), code.name("n")
    code(f"{target}, {count} = {source.name} + 0, 0")
    with code.block(f"while {count} < {rng.randint(1, 3)}:"):
        code(f"{target} = {target}{rng.choice(('.tanh()', ' * 2', '.exp()', ' + 1', '.sin()'))}")
        if rng.random() < 0.4:
            with code.block(f"if {count} {rng.choice(('==', '>', '%'))} {rng.randint(1, 2)}:"):
                code(f"{target}{rng.choice(('.add_(1)', '.mul_(2)', '[0] = 1'))}")
        code(f"{count} += 1")
    _bind(pool, target, source)


def _endless(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target, queue = pool.pick(tracked=True), code.name("y"), code.name("queue")
    code(f"{target} = {source.name} * 1", f"{queue} = [1, 2, 3]")
    with code.block("while True:"):
        with code.block(f"if not {queue}:"):
            code("break")
        code(f"{queue}.pop()", f"{target} = {target}{rng.choice(('.sigmoid()', ' * 2', ' + 1'))}")
        if rng.random() < 0.4:
            code(rng.choice((f"{target} += 1", f"{target} = {target} + 1", f"{target}.clamp_(max=1)")))
    _bind(pool, target, source)


def _try(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target = pool.pick(tracked=True), code.name("y")
    with code.block("try:"):
        code(rng.choice(("int('x')", "{}['missing']", "[1][0]", "raise ValueError('no')", "len('ok')")))
        _arm(pool, target, source)
    with code.block("except (ValueError, KeyError):"):
        _arm(pool, target, source)
    if rng.random() < 0.4:
        with code.block("finally:"):
            code(rng.choice((f"{target} = {target} * 2", f"{target} += 1", "pass")))
    _bind(pool, target, source)


def _with(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target = pool.pick(tracked=True), code.name("y")
    manager = rng.choice(
        (
            "torch.enable_grad()",
            "torch.set_grad_enabled(True)",
            "contextlib.nullcontext()",
            "torch.autograd.set_detect_anomaly(False)",
        )
    )
    if "contextlib" in manager:
        code("import contextlib")
    with code.block(f"with {manager}:"):
        _arm(pool, target, source)
    _bind(pool, target, source)


def _match(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target, mode = pool.pick(tracked=True), code.name("y"), code.name("mode")
    code(f"{mode} = {rng.choice(('1', '2', repr('soft'), '(1, 2)'))}")
    with code.block(f"match {mode}:"):
        for pattern in ("1 | 3", "'soft'", "(a, b)", "_"):
            with code.block(f"case {pattern}:"):
                _arm(pool, target, source)
    _bind(pool, target, source)


def _choice(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    first, second = pool.pick(tracked=True), pool.pick(tracked=True)
    target = code.name("y")
    condition = rng.choice(("2 > 1", "2 < 1", f"{first.name}.requires_grad", f"{first.name}.dim() > 5", "None is None"))
    code(f"{target} = {first.name}.exp() if {condition} else {first.name} * 2")
    if rng.random() < 0.5 and not second.leaf:
        code(f"({target} if {rng.choice(('True', 'False'))} else {second.name}).add_(1)")
    _bind(pool, target, first)


def _walrus(pool: Pool) -> None:
    rng, code = pool.rng, pool.code
    source, target = pool.pick(tracked=True), code.name("y")
    text = rng.choice(("{x}.exp()", "{x} * 2", "{x}.relu()"))
    with code.block(
        f"if ({target} := {text.format(x=source.name)}).{rng.choice(('requires_grad', 'dim() < 9', 'is_leaf is False'))}:"
    ):
        code(rng.choice((f"{target} += 1", f"{target} = {target} + 1", f"{target}.mul_(3)", f"print({target}.shape)")))
    _bind(pool, target, source)
