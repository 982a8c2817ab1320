"""Lists, tuples, dictionaries, sets and deques of tensors, walked and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool, Tensor
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code

ITEM_WRITES = (
    "{x} += 1",
    "{x}.mul_(2)",
    "{x} = {x} + 1",
    "{x}.add_(1)",
    "{x} = {x}.clone()",
    "{x}.zero_()",
    "{x}[0] = 0",
    "pass",
)


def write(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=1, plain=0)
    shape = pool.tensors[0].shape
    sources = [pool.compute(pool.tensors[0]) for _ in range(rng.randint(2, 3))]
    if rng.random() < 0.3:
        sources.append(pool.plain(shape))
    rng.choice((_list, _list, _tuple, _dictionary, _dictionary, _zip, _comprehension, _deque, _grouped, _set))(
        pool, sources
    )
    steps(pool, rng.randint(0, 1), writes=0.3)
    backward(pool, pool.loss(terms=rng.randint(1, 2)))


def _holds(pool: Pool, name: str, like: Tensor, *, tracked: bool = True) -> None:
    pool.add(Tensor(name, like.shape, tracked, dense=False))


def _total(pool: Pool, like: Tensor, iterable: str) -> None:
    name = pool.code.name("total")
    expression = pool.rng.choice(("item", "item.sin()", "item * 2", "item * item"))
    pool.code(f"{name} = sum({expression} for item in {iterable})")
    _holds(pool, name, like)


def _list(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    name = code.name("items")
    code(f"{name} = [{', '.join(s.name for s in sources)}]")
    for _ in range(rng.randint(1, 3)):
        code(
            rng.choice(
                (
                    f"{name}.append({name}[-1].exp())",
                    f"{name}[0] = {name}[0] * 2",
                    f"{name}[-1] += 1",
                    f"{name}[0].mul_(0.5)",
                    f"{name} = {name}[::-1]",
                    f"{name}.insert(0, {name}.pop())",
                    f"{name} += [{name}[0].tanh()]",
                    f"{name} = [*{name}, {name}[1] + 1]",
                    f"{name} = list({name})",
                    f"{name}[1:] = [{name}[1].clone()]",
                )
            )
        )
    if rng.random() < 0.5:
        index, item = code.name("i"), code.name("item")
        with (
            code.block(f"for {index}, {item} in enumerate({name}):"),
            code.block(f"if {index} == {rng.randint(0, 3)}:"),
        ):
            code(rng.choice(ITEM_WRITES).format(x=item))
    _total(pool, sources[0], rng.choice((name, f"reversed({name})", f"{name}[:2]")))


def _tuple(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    name, first, rest = code.name("pair"), code.name("a"), code.name("b")
    code(f"{name} = ({', '.join(s.name for s in sources)})", f"{first}, *{rest} = {name}")
    code(rng.choice(ITEM_WRITES).format(x=rng.choice((first, f"{rest}[0]", f"{rest}[-1]"))))
    if rng.random() < 0.5:
        code(f"{first}, {rest}[0] = {rest}[0], {first}")
        code(rng.choice(ITEM_WRITES).format(x=first))
    _holds(pool, first, sources[0])
    _total(pool, sources[0], rng.choice((name, rest)))


def _dictionary(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    name, keys = code.name("state"), ["first", "second", "third", "fourth"][: len(sources)]
    if rng.random() < 0.5:
        pairs = ", ".join(f'"{key}": {source.name}' for key, source in zip(keys, sources, strict=True))
        code(f"{name} = {{{pairs}}}")
    else:
        pairs = ", ".join(f"{key}={source.name}" for key, source in zip(keys, sources, strict=True))
        code(f"{name} = dict({pairs})")
    for _ in range(rng.randint(1, 3)):
        key = rng.choice(keys)
        code(
            rng.choice(
                (
                    f'{name}["{key}"] += 1',
                    f'{name}["{key}"] = {name}["{key}"] * 2',
                    f'{name}.get("{key}").mul_(2)',
                    f'{name}.setdefault("extra", {name}["{key}"].exp())',
                    f'{name}.update({key}={name}["{key}"].tanh())',
                    f'{name} = {{**{name}, "more": {name}["{key}"] + 1}}',
                    f'{name} = {{key: value.detach() + 0 if key == "none" else value for key, value in {name}.items()}}',
                )
            )
        )
    if rng.random() < 0.5:
        key, value = code.name("k"), code.name("value")
        with code.block(f"for {key}, {value} in {name}.items():"), code.block(f'if {key} != "{rng.choice(keys)}":'):
            code(rng.choice(ITEM_WRITES).format(x=value))
    _total(pool, sources[0], f"{name}.values()")


def _zip(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    left, right, a, b = code.name("left"), code.name("right"), code.name("p"), code.name("q")
    code(f"{left} = [{', '.join(s.name for s in sources)}]")
    code(
        f"{right} = [{rng.choice(('t.exp()', 't * 2', 't.clone()', 't', 't.detach()', 't.sigmoid()'))} for t in {left}]"
    )
    with code.block(f"for {a}, {b} in zip({left}, {right}):"):
        code(
            rng.choice(
                (
                    f"{a} += {b}.detach()",
                    f"{b} += 1",
                    f"{b}.copy_({a}.detach())",
                    f"{b} = {a} * {b}",
                    f"{b}.mul_(2)",
                    f"{a}.add_(1)",
                )
            )
        )
    _total(pool, sources[0], left)
    _total(pool, sources[0], left)


def _comprehension(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    name = code.name("made")
    code(f"{name} = [{', '.join(s.name for s in sources)}]")
    element = rng.choice(
        ("t.mul_(2)", "t * 2", "t.exp()", "t.exp().add_(1)", "t.clone().add_(1)", "t.sigmoid()", "t.add_(1).sin()")
    )
    condition = rng.choice(("", "", " if t.requires_grad", " if t.dim() > 0"))
    code(f"{name} = [{element} for t in {name}{condition}]")
    if rng.random() < 0.5:
        code(f"{name} = list(map(lambda t: {rng.choice(('t + 1', 't.add_(1)', 't.tanh()'))}, {name}))")
    _total(pool, sources[0], name)


def _deque(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    name, item = code.name("window"), code.name("item")
    code("from collections import deque", f"{name} = deque(maxlen=2)")
    with code.block(f"for {item} in ({', '.join(s.name for s in sources)},):"):
        code(f"{name}.append({item}{rng.choice(('', '.exp()', '.clone()', ' * 2'))})")
    code(f"{name}{rng.choice(('[0].add_(1)', '.popleft().zero_()', '[-1].mul_(2)', '[0] * 2'))}")
    _total(pool, sources[0], name)
    for source in sources[:1]:
        _holds(pool, source.name, source)


def _grouped(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    name, item = code.name("groups"), code.name("item")
    code("from collections import defaultdict", f"{name} = defaultdict(list)")
    for source in sources:
        code(f'{name}["{rng.choice("ab")}"].append({source.name})')
    with code.block(f'for {item} in {name}["a"]:'):
        code(rng.choice(ITEM_WRITES).format(x=item))
    _total(pool, sources[0], f"[t for group in {name}.values() for t in group]")


def _set(pool: Pool, sources: list[Tensor]) -> None:
    rng, code = pool.rng, pool.code
    name = code.name("unique")
    code(f"{name} = {{{', '.join(s.name for s in sources)}}}")
    with code.block(f"if {rng.choice(sources).name} in {name}:"):
        code(rng.choice(ITEM_WRITES).format(x=sources[-1].name))
    _holds(pool, sources[0].name, sources[0])
