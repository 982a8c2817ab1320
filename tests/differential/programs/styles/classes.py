"""Objects that keep tensors: attributes, methods, inheritance, properties, dataclasses, operators of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool, Tensor
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    name, methods = _class(rng, code)
    if rng.random() < 0.5:
        name, methods = _subclass(rng, code, name, methods)
    pool = Pool(rng, code)
    with_leaf(pool, leaves=1, plain=rng.randint(0, 1))
    source = pool.compute(pool.pick(tracked=True))
    holder = code.name("obj")
    code(f"{holder} = {name}({source.name})")
    pool.add(Tensor(f"{holder}.value", source.shape, tracked=True, dense=False))
    for _ in range(rng.randint(1, 3)):
        method = rng.choice(methods)
        if rng.random() < 0.5:
            result = code.name("r")
            code(f"{result} = {holder}.{method}()")
            pool.add(Tensor(result, source.shape, tracked=True, dense=False))
        else:
            code(f"{holder}.{method}()")
        steps(pool, rng.randint(0, 1), writes=0.35, views=0.1)
    backward(pool, pool.loss(terms=rng.randint(1, 3)))


def _class(rng: random.Random, code: Code) -> tuple[str, list[str]]:
    name = code.name("Holder")
    dataclass = rng.random() < 0.25
    if dataclass:
        code("from dataclasses import dataclass", "", "", "@dataclass")
    with code.block(f"class {name}:"):
        if dataclass:
            code("value: torch.Tensor", "gain: float = 2.0", "")
        else:
            with code.block("def __init__(self, value, gain=2.0):"):
                code(
                    f"self.value = {rng.choice(('value', 'value', 'value.exp()', 'value.clone()', 'value * gain'))}",
                    "self.gain = gain",
                )
            code("")
        methods = [_method(rng, code, code.name("m")) for _ in range(rng.randint(2, 3))]
        if rng.random() < 0.4:
            code("@property")
            with code.block("def scaled(self):"):
                code(rng.choice(("return self.value * self.gain", "return self.value.exp()", "return self.value")))
            code("")
            methods.append(_method(rng, code, code.name("m"), "self.scaled"))
        if rng.random() < 0.3:
            methods.append(_calls(rng, code, methods))
    code("")
    return name, methods


def _method(rng: random.Random, code: Code, name: str, source: str = "self.value") -> str:
    with code.block(f"def {name}(self):"):
        kind = rng.choice((0, 1, 2, 3, 4) if source == "self.value" else (0, 1, 2))  # A property cannot be assigned.
        if kind == 0:
            code(f"return {source}{rng.choice(('.sin()', '.exp()', ' * self.gain', ' + 1', '.sigmoid()'))}")
        elif kind == 1:
            code(f"{source}{rng.choice(('.add_(1)', '.mul_(2)', '[0] = 0', '.exp_()'))}", f"return {source}")
        elif kind == 2:
            code(f"self.value = {source}{rng.choice((' * 2', '.tanh()', '.exp()', '.clone()'))}", "return self.value")
        elif kind == 3:
            pool = Pool(rng, code, [Tensor(source, (3,), tracked=True, dense=False)])
            steps(pool, rng.randint(1, 3), writes=0.355, views=0.0)
            code(f"return {pool.tensors[-1].name}")
        else:
            with code.block("with torch.no_grad():"):
                code(f"{source}{rng.choice(('.clamp_(-1, 1)', '.mul_(self.gain)', '.zero_()'))}")
            code("return self.value * 1.5")
    code("")
    return name


def _calls(rng: random.Random, code: Code, methods: list[str]) -> str:
    name = code.name("m")
    first, second = rng.choice(methods), rng.choice(methods)
    with code.block(f"def {name}(self):"):
        code(f"first = self.{first}()", f"return first + self.{second}()")
    code("")
    return name


def _subclass(rng: random.Random, code: Code, base: str, methods: list[str]) -> tuple[str, list[str]]:
    name = code.name("Special")
    with code.block(f"class {name}({base}):"):
        overridden = rng.choice(methods)
        with code.block(f"def {overridden}(self):"):
            code(
                f"result = super().{overridden}()",
                rng.choice(("return result * 2", "result += 1", "return result.exp()", "self.value = result")),
            )
            code("return result")
        code("")
        added = [_method(rng, code, code.name("m"))] if rng.random() < 0.5 else []
    code("")
    return name, methods + added
