"""`nn.Module` classes: layers, activations with and without `inplace`, residual sums, containers of modules, buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool, Tensor
from tests.differential.programs.statements import backward, steps

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code

LAYERS = (
    *(
        "nn.Linear(4, 4)",
        "nn.Linear(4, 4)",
        "nn.LayerNorm(4)",
        "nn.BatchNorm1d(4)",
        "nn.Dropout(0.2)",
        "nn.Identity()",
        "nn.Tanh()",
    ),
    *(
        "nn.ReLU()",
        "nn.ReLU(inplace=True)",
        "nn.ReLU(True)",
        "nn.Sigmoid()",
        "nn.GELU()",
        "nn.SiLU(inplace=True)",
        "nn.Softplus()",
    ),
    *(
        "nn.LeakyReLU(0.1, inplace=True)",
        "nn.ELU(inplace=True)",
        "nn.Hardtanh(inplace=True)",
        "nn.Softmax(dim=-1)",
        "nn.PReLU()",
    ),
    *(
        "nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True))",
        "nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))",
    ),
    *(
        "nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.ReLU(inplace=True))",
        "nn.Bilinear(4, 4, 4)",
        "nn.Embedding(5, 4)",
    ),
)


def write(rng: random.Random, code: Code) -> None:
    name = _module(rng, code, code.name("Block"), [])
    if rng.random() < 0.4:
        name = _module(rng, code, code.name("Net"), [name])
    net, data = code.name("net"), code.name("x")
    code(f"{net} = {name}()")
    if rng.random() < 0.2:
        code(f"{net}.{rng.choice(('eval()', 'train()', 'requires_grad_(True)'))}")
    code(f"{data} = torch.randn(3, 4{rng.choice(('', '', ', requires_grad=True'))})")
    pool = Pool(rng, code)
    for _ in range(rng.choice((1, 1, 1, 2))):
        out = code.name("out")
        code(f"{out} = {net}({data})")
        pool.add(Tensor(out, (3, 4), tracked=True, dense=False))
    steps(pool, rng.randint(0, 2), writes=0.15, views=0.05)
    loss = pool.loss(terms=rng.randint(1, 2))
    if rng.random() < 0.12:
        code(f"{data}.{rng.choice(('data.zero_()', 'detach().add_(1)', 'detach().zero_()'))}")
    if rng.random() < 0.12:
        _update(rng, code, net)
    backward(pool, loss)


def _update(rng: random.Random, code: Code, net: str) -> None:
    with code.block("with torch.no_grad():"), code.block(f"for p in {net}.parameters():"):
        code(rng.choice(("p.mul_(0.9)", "p -= 0.1", "p.clamp_(-1, 1)")))


def _module(rng: random.Random, code: Code, name: str, parts: list[str]) -> str:
    layers: list[tuple[str, str]] = []
    with code.block(f"class {name}(nn.Module):"):
        with code.block("def __init__(self):"):
            code(rng.choice(("super().__init__()", f"super({name}, self).__init__()")))
            for index in range(rng.randint(1, 3)):
                kind = rng.choice(LAYERS)
                layers.append((f"self.layer{index}", kind))
                code(f"self.layer{index} = {kind}")
            for index, part in enumerate(parts):
                layers.append((f"self.part{index}", part))
                code(f"self.part{index} = {part}()")
            if many := rng.random() < 0.3:
                code(f"self.blocks = nn.ModuleList([{rng.choice(LAYERS[:16])} for _ in range(2)])")
            code("self.first = nn.Linear(4, 4)")
            if buffer := rng.random() < 0.25:
                code('self.register_buffer("seen", torch.ones(4))')
            if parameter := rng.random() < 0.3:
                code("self.gain = nn.Parameter(torch.ones(4))")
        code("")
        with code.block("def forward(self, x):"):
            _forward(rng, code, layers, many=many, buffer=buffer, parameter=parameter)
    code("", "")
    return name


def _forward(
    rng: random.Random, code: Code, layers: list[tuple[str, str]], *, many: bool, buffer: bool, parameter: bool
) -> None:
    code("h = self.first(x)")
    pool = Pool(rng, code, [Tensor("h", (3, 4), tracked=True, dense=False)])
    rng.shuffle(layers)
    for layer, kind in layers:
        _apply(pool, layer, kind)
        draw = rng.random()
        if draw < 0.2:
            code(rng.choice(("h = h + x", "h += x", "h = x + h * 0.5", "h *= 0.5", "h = h * h")))
        elif draw < 0.3:
            pool.write(pool.tensors[0])
    if many:
        with code.block("for block in self.blocks:"):
            code(rng.choice(("h = block(h)", "h = h + block(h)", "h += block(h)", "h = block(h) * 2")))
    if buffer:
        code(
            *rng.choice(
                (
                    ("self.seen += 1", "h = h * self.seen"),
                    ("h = h * self.seen", "self.seen += 1"),
                    ("h = h + self.seen", "self.seen.mul_(0.9)"),
                )
            )
        )
    if parameter:
        code(rng.choice(("h = h * self.gain", "h *= self.gain", "h = h + self.gain", "self.gain.data.clamp_(0, 1)")))
    if rng.random() < 0.2:
        with code.block(f"if {rng.choice(('self.training', 'not self.training'))}:"):
            code(rng.choice(("h = h.tanh()", "h += 1", "h = h.exp()", "h.mul_(2)")))
    code("return h")


def _apply(pool: Pool, layer: str, kind: str) -> None:
    if kind.startswith("nn.Embedding"):
        pool.code(f"h = h + {layer}(torch.tensor([0, 1, 2]))")
    elif kind.startswith("nn.Bilinear"):
        pool.code(f"h = {layer}(h, x)")
    elif pool.rng.random() < 0.15:
        pool.code(f"y = {layer}(h)", pool.rng.choice(("h = h + y", "h = h * y", "h = y", "h += y")))
    else:
        pool.code(f"h = {layer}(h)")
