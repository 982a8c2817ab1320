"""Tensors in scope, and random operations on them that are sound in every way but the one under test.

The pool knows shapes, and which tensors are of what kind, so that no program stumbles over a shape, a dtype or a
missing graph. It knows nothing of what autograd saves: whether a write is a mistake is for torch to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    from tests.differential.programs.code import Code

Shape = tuple[int, ...]

SHAPES: tuple[Shape, ...] = ((3,), (2, 3), (3, 3), (2, 2, 3))

UNARY = (
    *(
        "{x}.exp()",
        "{x}.tanh()",
        "torch.sigmoid({x})",
        "{x}.sin()",
        "torch.cos({x})",
        "{x}.relu()",
        "F.softplus({x})",
        "F.gelu({x})",
    ),
    *(
        "{x}.square()",
        "{x} ** 2",
        "{x}.abs()",
        "-{x}",
        "{x} * 2",
        "3 * {x}",
        "{x} + 1",
        "{x} - 0.5",
        "1 - {x}",
        "{x} / 2",
    ),
    *(
        "{x}.softmax(-1)",
        "F.log_softmax({x}, dim=-1)",
        "{x}.clone()",
        "{x}.clamp(min=0.1)",
        "F.silu({x})",
        "F.leaky_relu({x}, 0.1)",
    ),
    *(
        "{x} - {x}.mean()",
        "{x} / ({x}.norm() + 1)",
        "{x}.cumsum(0)",
        "torch.log1p({x}.abs())",
        "F.elu({x})",
        "{x}.expm1()",
    ),
    *(
        "{x}.abs().sqrt()",
        "{x}.pow(3)",
        "F.hardtanh({x})",
        "F.normalize({x}, dim=-1)",
        "F.dropout({x}, 0.5)",
        "{x}.erf()",
    ),
    *(
        "F.layer_norm({x}, {x}.shape[-1:])",
        "{x}.reciprocal()",
        "2 / ({x}.abs() + 1)",
        "torch.flip({x}, [0])",
        "{x}.roll(1, 0)",
    ),
)

BINARY = (
    *(
        "{x} + {y}",
        "{x} - {y}",
        "{x} * {y}",
        "torch.maximum({x}, {y})",
        "{x} / ({y}.abs() + 1)",
        "torch.lerp({x}, {y}, 0.3)",
    ),
    *(
        "torch.where({x} > 0, {x}, {y})",
        "torch.addcmul({x}, {x}, {y})",
        "torch.mul({x}, {y})",
        "{x} * {y}.detach()",
        "{x} + 2 * {y}",
    ),
    *("torch.hypot({x}, {y} + 3)", "F.mse_loss({x}, {y}, reduction='none')", "{x}.sub({y}, alpha=2)"),
)

REDUCTIONS = (
    *(
        "{x}.sum()",
        "{x}.mean()",
        "{x}.pow(2).mean()",
        "{x}.norm()",
        "{x}.abs().sum()",
        "{x}.max()",
        "{x}.logsumexp(0).sum()",
    ),
    *(
        "({x} * {x}).sum()",
        "{x}.std()",
        "torch.sum({x} * 0.5)",
        "{x}.exp().sum()",
        "F.mse_loss({x}, torch.zeros_like({x}))",
    ),
)

WRITES = (
    *(
        "{x} += 1",
        "{x} *= 2",
        "{x} -= 0.5",
        "{x} /= 2",
        "{x}.add_(1)",
        "{x}.mul_(0.5)",
        "{x}.sub_(0.1)",
        "{x}.div_(3)",
        "{x}.zero_()",
    ),
    *(
        "{x}.fill_(0.5)",
        "{x}.clamp_(-1, 1)",
        "{x}.exp_()",
        "{x}.tanh_()",
        "{x}.sigmoid_()",
        "{x}.relu_()",
        "{x}.neg_()",
        "{x}.abs_()",
    ),
    *(
        "torch.relu_({x})",
        "F.relu({x}, inplace=True)",
        "F.leaky_relu_({x}, 0.1)",
        "{x}.sin_()",
        "{x}.clamp_min_(0.1)",
        "{x}.pow_(2)",
    ),
    *(
        "{x}[0] = 0.5",
        "{x}[-1] = 0",
        "{x}[0] += 1",
        "{x}[..., 0] = 1",
        "{x}[...] = 2",
        "{x}[{x} > 0] = 0",
        "{x}[:1] *= 2",
        "{x} **= 2",
    ),
    *(
        "{x}.masked_fill_({x} > 0.5, 0)",
        "{x}.add_(torch.ones_like({x}))",
        "{x}.normal_()",
        "F.silu({x}, inplace=True)",
        "{x}.round_()",
    ),
    *(
        "{x}.index_fill_(0, torch.tensor([0]), 1.0)",
        "{x}.mul_(torch.rand_like({x}))",
        "F.elu_({x})",
        "F.dropout({x}, 0.5, inplace=True)",
    ),
)

WRITES_WITH = (
    *(
        "{x} += {y}",
        "{x} -= {y}",
        "{x} *= {y}",
        "{x}.add_({y}, alpha=0.1)",
        "{x}.copy_({y})",
        "{x}.mul_({y})",
        "{x}.lerp_({y}, 0.2)",
    ),
    *(
        "{x}[0] = {y}[0]",
        "{x}.addcmul_({y}, {y}, value=0.5)",
        "{x}[...] = {y}",
        "{x}[-1] += {y}[-1]",
        "{x}.sub_({y}.detach())",
    ),
)

QUIET_WRITES = ("{x}.data.mul_(-3)", "{x}.data *= -2", "{x}.data[0] = -3")
"""Past the version counter: torch does not see them."""


VIEWS: tuple[tuple[str, Callable[[Shape], Shape], int], ...] = (
    ("{x}[0]", lambda s: s[1:], 2),
    ("{x}[-1]", lambda s: s[1:], 2),
    ("{x}.select(0, 1)", lambda s: s[1:], 2),
    ("{x}[..., 0]", lambda s: s[:-1], 2),
    ("{x}[:, 1]", lambda s: s[:1] + s[2:], 2),
    ("{x}[:2]", lambda s: (2, *s[1:]), 1),
    ("{x}.narrow(0, 0, 1)", lambda s: (1, *s[1:]), 1),
    ("{x}.unsqueeze(0)", lambda s: (1, *s), 1),
    ("{x}[None]", lambda s: (1, *s), 1),
    ("{x}.transpose(0, -1)", lambda s: s[-1:] + s[1:-1] + s[:1] if len(s) > 1 else s, 2),
    ("{x}.flatten()", lambda s: (prod(s),), 1),
    ("{x}.reshape(-1)", lambda s: (prod(s),), 1),
    ("{x}.view(-1)", lambda s: (prod(s),), 1),
    ("{x}.detach()", lambda s: s, 1),
    ("{x}.expand(2, *{x}.shape)", lambda s: (2, *s), 1),
    ("{x}.view_as({x})", lambda s: s, 1),
    ("{x}[:]", lambda s: s, 1),
)
"""A view's text, its shape, and how many dimensions it needs."""

PIECES = ("{x}.chunk(2)", "{x}.split(1)", "{x}.unbind(0)", "{x}.tensor_split(2)", "{x}")
"""Several views at once, of a tensor of two rows."""


@dataclass(frozen=True)
class Tensor:
    """A tensor in scope. `tracked`: it requires grad. `leaf`: made by the program with `requires_grad=True`.

    `dense`: its elements lie in order, so that `view` works.
    """

    name: str
    shape: Shape
    tracked: bool
    leaf: bool = False
    dense: bool = True


class Pool:
    """The tensors that the code being written can name."""

    def __init__(self, rng: random.Random, code: Code, tensors: Iterable[Tensor] = ()) -> None:
        self.rng = rng
        self.code = code
        self.tensors = list(tensors)
        self._used: list[Tensor] = []

    def inner(self, tensors: Iterable[Tensor] = ()) -> Pool:
        """A scope of its own, as in a function that is given `tensors`."""
        return Pool(self.rng, self.code, tensors)

    def leaf(self, shape: Shape | None = None) -> Tensor:
        """A new leaf that requires grad."""
        shape = shape or self.rng.choice(SHAPES)
        name = self.code.name("w")
        made = self.rng.choice(
            (
                f"torch.randn{shape} .requires_grad_()".replace(" .", "."),
                f"torch.rand({', '.join(map(str, shape))}, requires_grad=True)",
                f"nn.Parameter(torch.randn({', '.join(map(str, shape))}))",
                f"torch.ones({', '.join(map(str, shape))}, requires_grad=True)",
            )
        )
        self.code(f"{name} = {made}")
        return self.add(Tensor(name, shape, tracked=True, leaf=True))

    def plain(self, shape: Shape | None = None) -> Tensor:
        """A new tensor of data."""
        shape = shape or self.rng.choice(SHAPES)
        name = self.code.name("d")
        maker = self.rng.choice(("torch.randn", "torch.rand", "torch.ones", "torch.zeros"))
        self.code(f"{name} = {maker}({', '.join(map(str, shape))})")
        return self.add(Tensor(name, shape, tracked=False))

    def add(self, tensor: Tensor) -> Tensor:
        self.tensors.append(tensor)
        return tensor

    def pick(self, *, tracked: bool = False, computed: bool = False) -> Tensor:
        """One of the tensors; `tracked`: that requires grad; `computed`: preferably no leaf."""
        choice = [t for t in self.tensors if t.tracked] if tracked else self.tensors
        if computed:
            choice = [t for t in choice if not t.leaf] or choice
        # Code works mostly on what it made last.
        return self.rng.choice(choice[-3:] if self.rng.random() < 0.6 else choice)

    def expression(self, tensor: Tensor) -> tuple[str, bool]:
        """A new value of the same shape made from `tensor`, and whether it is tracked."""
        partners = [t for t in self.tensors if t.shape == tensor.shape and t != tensor]
        if partners and self.rng.random() < 0.4:
            other = self.rng.choice(partners)
            text = self.rng.choice(BINARY)
            return text.format(x=tensor.name, y=other.name), tensor.tracked or (other.tracked and "detach" not in text)
        return self.rng.choice(UNARY).format(x=tensor.name), tensor.tracked

    def compute(self, source: Tensor | None = None, stem: str = "y") -> Tensor:
        """`y = …`: a new tensor."""
        source = source or self.pick()
        text, tracked = self.expression(source)
        name = self.code.name(stem)
        self.code(f"{name} = {text}")
        self._used.append(source)
        return self.add(Tensor(name, source.shape, tracked, dense=source.dense))

    def view(self, source: Tensor | None = None) -> Tensor:
        """`v = …`: a view of one of the tensors, or a tensor that shares its memory without being one."""
        source = source or self.pick()
        fitting = [
            (text, shape)
            for text, shape, dimensions in VIEWS
            if len(source.shape) >= dimensions
            and (text != "{x}.view(-1)" or source.dense)
            and (text != "{x}[:2]" or source.shape[0] >= 2)
            and (text != "{x}.select(0, 1)" or source.shape[0] >= 2)
            and (text != "{x}[:, 1]" or source.shape[1] >= 2)
            and prod(source.shape) <= 16
        ]
        if not fitting:
            return source
        text, shape = self.rng.choice(fitting)
        name = self.code.name("v")
        self.code(f"{name} = {text.format(x=source.name)}")
        dense = source.dense and text in (
            "{x}[0]",
            "{x}.flatten()",
            "{x}.reshape(-1)",
            "{x}.view(-1)",
            "{x}.unsqueeze(0)",
        )
        return self.add(Tensor(name, shape(source.shape), source.tracked and "detach" not in text, dense=dense))

    def pieces(self, source: Tensor) -> list[Tensor]:
        """`a, b = …`: a tensor of two rows taken apart."""
        names = [self.code.name("a"), self.code.name("b")]
        text = self.rng.choice([text for text in PIECES if len(source.shape) > 1 or "split" in text or "chunk" in text])
        self.code(f"{', '.join(names)} = {text.format(x=source.name)}")
        rows = "chunk" in text or "split" in text
        shape = (1, *source.shape[1:]) if rows else source.shape[1:]
        return [self.add(Tensor(name, shape, source.tracked, dense=False)) for name in names]

    def write_text(self, target: Tensor) -> str:
        """A statement that writes `target` in place."""
        partners = [t for t in self.tensors if t.shape == target.shape and t != target]
        if partners and self.rng.random() < 0.3:
            other = self.rng.choice(partners)
            if not other.tracked or target.tracked:
                return self.rng.choice(WRITES_WITH).format(x=target.name, y=other.name)
        return self.rng.choice(WRITES).format(x=target.name)

    def write(self, target: Tensor | None = None) -> None:
        """Write a tensor in place, mostly a computed one, in one of the places in which people do it."""
        target = target or self._written()
        text = self.write_text(target)
        draw = self.rng.random()
        if draw < 0.12 or (target.leaf and draw < 0.8):
            with self.code.block("with torch.no_grad():"):
                self.code(text)
        elif draw < 0.17 and " = " not in text:
            self.code(self.rng.choice(WRITES[4:16]).format(x=f"{target.name}.detach()"))
        else:
            self.code(text)

    def _written(self) -> Tensor:
        """What to write: often what was just made, or what something was made from, for those may be saved."""
        draw = self.rng.random()
        used = [tensor for tensor in self._used if not tensor.leaf]
        if draw < 0.3 and not self.tensors[-1].leaf:
            return self.tensors[-1]
        if draw < 0.6 and used:
            return used[-1]
        return self.pick(computed=draw < 0.95)

    def reduce(self, tensor: Tensor) -> str:
        """An expression of one number."""
        return self.rng.choice(REDUCTIONS).format(x=tensor.name)

    def loss(self, *, terms: int = 2, name: str | None = None) -> str:
        """`loss = …` of several tensors; its name. The first term is always tracked."""
        tracked = [tensor for tensor in self.tensors if tensor.tracked]
        parts = [self.reduce(tracked[-1] if self.rng.random() < 0.6 else self.pick(tracked=True, computed=True))]
        parts += [self.reduce(self.pick(tracked=self.rng.random() < 0.8, computed=True)) for _ in range(terms - 1)]
        name = name or self.code.name("loss")
        self.code(f"{name} = {' + '.join(parts)}")
        return name
