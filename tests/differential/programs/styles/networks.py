"""Networks of layers that people train: convolutions, recurrent cells, attention, embeddings, heads, hooks, checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code

ACTIVATIONS = (
    *(
        "nn.ReLU(inplace=True)",
        "nn.ReLU()",
        "nn.SiLU(inplace=True)",
        "nn.LeakyReLU(0.2, True)",
        "nn.ELU(inplace=True)",
        "nn.GELU()",
    ),
    *(
        "nn.Hardswish(inplace=True)",
        "nn.ReLU6(inplace=True)",
        "nn.Sigmoid()",
        "nn.Tanh()",
        "nn.Mish(inplace=True)",
        "nn.Identity()",
    ),
)

LOSSES = (
    *(
        "F.mse_loss({y}, torch.zeros_like({y}))",
        "F.l1_loss({y}, torch.zeros_like({y}))",
        "{y}.pow(2).mean()",
        "{y}.abs().mean()",
    ),
    *(
        "F.smooth_l1_loss({y}, torch.ones_like({y}))",
        "F.binary_cross_entropy_with_logits({y}, torch.ones_like({y}))",
        "{y}.logsumexp(-1).mean()",
    ),
)


NORMS = ("BatchNorm2d(channels)", "GroupNorm(1, channels)", "InstanceNorm2d(channels)", "Identity()")

BLOCKS = ("ModuleList(Block(2) for _ in range(2))", "Sequential(Block(2), Block(2))", "ModuleList([Block(2)])")


def write(rng: random.Random, code: Code) -> None:
    rng.choice(
        (_convolutional, _convolutional, _attention, _attention, _recurrent, _classifier, _hooked, _checkpointed)
    )(rng, code)


def _change(rng: random.Random, name: str, other: str = "x") -> str:
    """What may happen to a hidden tensor on its way."""
    return rng.choice(
        (
            *(
                f"{name} = {name} + {other}",
                f"{name} += {other}",
                f"{name} = {name} * 0.5",
                f"{name} *= 0.5",
                f"{name}.add_({other})",
            ),
            *(
                f"{name} = F.relu({name})",
                f"{name} = F.relu({name}, inplace=True)",
                f"{name} = {name}.sigmoid()",
                f"{name}.sigmoid_()",
            ),
            *(
                f"{name} = F.dropout({name}, 0.1, self.training)",
                f"{name} = F.dropout({name}, 0.1, inplace=True)",
                f"{name}[:, 0] = 0",
            ),
            *(
                f"{name} = {name}.clone()",
                f"{name}.clamp_(-1, 1)",
                f"{name} = {name} / ({name}.norm() + 1)",
                "pass",
                "pass",
            ),
        )
    )


def _train(rng: random.Random, code: Code, model: str, data: str) -> None:
    optimizer = rng.choice(
        ("SGD({m}.parameters(), lr=0.1)", "Adam({m}.parameters())", "AdamW({m}.parameters(), lr=1e-3)")
    ).format(m="model")
    code(f"model = {model}()", f"optimizer = torch.optim.{optimizer}")
    with code.block(f"for step in range({rng.randint(1, 2)}):"):
        code(f"x = {data}", "y = model(x)", f"loss = {rng.choice(LOSSES).format(y='y')}")
        if rng.random() < 0.15:
            code(rng.choice(("x.zero_()", "y.detach().add_(1)", "y.data.mul_(2)", "x = x * 2")))
        calls = ["optimizer.zero_grad()", "loss.backward()", "optimizer.step()"]
        if rng.random() < 0.12:
            calls = ["optimizer.zero_grad()", "loss.backward(retain_graph=True)", "optimizer.step()", "loss.backward()"]
        code(*calls)


def _convolutional(rng: random.Random, code: Code) -> None:
    with code.block("class Block(nn.Module):"):
        with code.block("def __init__(self, channels):"):
            code(
                "super().__init__()",
                "self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)",
                "self.conv2 = nn.Conv2d(channels, channels, 1)",
            )
            code(f"self.norm = nn.{rng.choice(NORMS)}")
            code(f"self.act = {rng.choice(ACTIVATIONS)}")
        code("")
        with code.block("def forward(self, x):"):
            code(
                rng.choice(
                    (
                        "h = self.act(self.norm(self.conv1(x)))",
                        "h = self.norm(self.act(self.conv1(x)))",
                        "h = self.conv1(self.act(x))",
                    )
                )
            )
            code(
                _change(rng, "h"),
                rng.choice(("h = self.conv2(h)", "h = h + self.conv2(x)", "h += self.conv2(h)", "pass")),
                _change(rng, "h"),
            )
            code(rng.choice(("return h", "return self.act(h)", "return x + h")))
    code("", "")
    with code.block("class Net(nn.Module):"):
        with code.block("def __init__(self):"):
            code("super().__init__()", "self.stem = nn.Conv2d(1, 2, 3, padding=1)")
            code(f"self.blocks = nn.{rng.choice(BLOCKS)}")
            code(
                f"self.pool = {rng.choice(('nn.AdaptiveAvgPool2d(1)', 'nn.MaxPool2d(4)', 'nn.AvgPool2d(4)'))}",
                "self.head = nn.Linear(2, 3)",
            )
        code("")
        with code.block("def forward(self, x):"):
            code("x = self.stem(x)")
            with code.block("for block in self.blocks:"):
                code(
                    rng.choice(
                        ("x = block(x)", "x = x + block(x)", "x += block(x)", "x = F.relu(block(x), inplace=True)")
                    )
                )
            code(
                rng.choice(
                    (
                        "return self.head(self.pool(x).flatten(1))",
                        "x = self.pool(x).flatten(1)\n        return self.head(x)",
                    )
                )
            )
    code("", "")
    _train(rng, code, "Net", "torch.rand(2, 1, 4, 4)")


def _attention(rng: random.Random, code: Code) -> None:
    with code.block("class Attention(nn.Module):"):
        with code.block("def __init__(self, width=4):"):
            code("super().__init__()", "self.qkv = nn.Linear(width, 3 * width)", "self.out = nn.Linear(width, width)")
            code(f"self.norm = {rng.choice(('nn.LayerNorm(width)', 'nn.Identity()'))}")
        code("")
        with code.block("def forward(self, x):"):
            code("x = self.norm(x)")
            code(
                rng.choice(
                    (
                        "q, k, v = self.qkv(x).chunk(3, dim=-1)",
                        "q, k, v = self.qkv(x).split(4, dim=-1)",
                        "q, k, v = self.qkv(x).unflatten(-1, (3, 4)).unbind(-2)",
                    )
                )
            )
            if rng.random() < 0.3:
                code(rng.choice(("q = q * 0.5", "q *= 0.5", "k = F.normalize(k, dim=-1)", "v = v.clone()")))
            code(
                rng.choice(
                    (
                        "scores = q @ k.transpose(-2, -1)",
                        "scores = torch.matmul(q, k.transpose(-2, -1)) / 2",
                        "scores = torch.einsum('bik,bjk->bij', q, k)",
                    )
                )
            )
            code(
                rng.choice(
                    (
                        "scores /= 2",
                        "scores = scores / 2",
                        "scores.masked_fill_(torch.eye(3).bool(), -1e9)",
                        "scores += torch.zeros(3, 3)",
                        "scores.clamp_(-5, 5)",
                    )
                )
            )
            code(
                rng.choice(
                    (
                        "weights = scores.softmax(-1)",
                        "weights = torch.softmax(scores, dim=-1)",
                        "weights = F.softmax(scores, -1)",
                        "weights = torch.sigmoid(scores)",
                    )
                )
            )
            code(
                rng.choice(
                    (
                        "weights = F.dropout(weights, 0.1)",
                        "weights *= 0.9",
                        "weights = weights * 0.9",
                        "weights.mul_(torch.ones(3, 3))",
                        "pass",
                        "pass",
                        "weights.masked_fill_(weights < 0.1, 0)",
                    )
                )
            )
            code(
                "context = weights @ v",
                rng.choice(
                    (
                        "return self.out(context)",
                        "return x + self.out(context)",
                        "context += x\n        return self.out(context)",
                    )
                ),
            )
    code("", "")
    with code.block("class Model(nn.Module):"):
        with code.block("def __init__(self):"):
            code(
                "super().__init__()",
                "self.embed = nn.Embedding(9, 4)",
                "self.layers = nn.ModuleList([Attention() for _ in range(2)])",
            )
        code("")
        with code.block("def forward(self, ids):"):
            code(f"h = self.embed(ids){rng.choice(('', ' * 2', '.clone()'))}")
            if rng.random() < 0.3:
                code(rng.choice(("h += torch.ones(3, 4)", "h = h + torch.ones(3, 4)", "h[:, 0] = 0")))
            with code.block("for layer in self.layers:"):
                code(rng.choice(("h = h + layer(h)", "h = layer(h)", "h += layer(h)")))
            code("return h")
    code("", "")
    _train(rng, code, "Model", "torch.randint(0, 9, (2, 3))")


def _recurrent(rng: random.Random, code: Code) -> None:
    with code.block("class Model(nn.Module):"):
        with code.block("def __init__(self):"):
            kind = rng.choice(("LSTM", "GRU", "RNN"))
            code("super().__init__()", f"self.rnn = nn.{kind}(3, 4, batch_first=True)", "self.head = nn.Linear(4, 2)")
        code("")
        with code.block("def forward(self, x):"):
            code("out, state = self.rnn(x)")
            code("h = state[0]" if kind == "LSTM" else "h = state")
            code(
                rng.choice(
                    (
                        "out = out[:, -1]",
                        "out = out.mean(1)",
                        "out = out.reshape(2, -1)[:, :4]",
                        "out = torch.tanh(out[:, -1])",
                    )
                )
            )
            code(_change(rng, "out", "out.detach()"), rng.choice(("h = h * 2", "h *= 2", "h.zero_()", "pass")))
            code(rng.choice(("return self.head(out)", "return self.head(out + h[-1])")))
    code("", "")
    _train(rng, code, "Model", "torch.randn(2, 3, 3)")


def _classifier(rng: random.Random, code: Code) -> None:
    layers = ", ".join(f"nn.Linear(4, 4), {rng.choice(ACTIVATIONS)}" for _ in range(rng.randint(1, 3)))
    code(f"model = nn.Sequential({layers}, nn.Linear(4, 3))", "optimizer = torch.optim.Adam(model.parameters())")
    with code.block("for step in range(2):"):
        code("x, target = torch.randn(5, 4), torch.randint(0, 3, (5,))", "logits = model(x)")
        if rng.random() < 0.3:
            code(rng.choice(("logits = logits / 2", "logits /= 2", "logits[:, 0] += 1", "logits.clamp_(-10, 10)")))
        code(
            rng.choice(
                (
                    "loss = F.cross_entropy(logits, target)",
                    "loss = F.nll_loss(F.log_softmax(logits, -1), target)",
                    "loss = nn.CrossEntropyLoss()(logits, target)",
                )
            )
        )
        code(rng.choice(("loss /= 2", "loss = loss / 2", "loss = loss + logits.pow(2).mean()", "pass")))
        if rng.random() < 0.35:
            code(
                rng.choice(
                    (
                        "target[target == 0] = 1",
                        "logits.zero_()",
                        "probs = logits.softmax(-1)\n    probs /= 2",
                        "x += 1",
                        "logits.detach().argmax(-1)",
                    )
                )
            )
        code(
            "optimizer.zero_grad()",
            "loss.backward()",
            rng.choice(("optimizer.step()", "nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n    optimizer.step()")),
        )


def _hooked(rng: random.Random, code: Code) -> None:
    code(f"model = nn.Sequential(nn.Linear(3, 4), {rng.choice(ACTIVATIONS)}, nn.Linear(4, 2))", "kept = []")
    hook = rng.choice(
        (
            *(
                "kept.append(output)",
                "kept.append(output.detach())",
                "output * 2",
                "output.mul_(2)",
                "kept.append(output.clone())",
                "None",
            ),
        )
    )
    code(f"model[{rng.randint(0, 2)}].register_forward_hook(lambda module, inputs, output: {hook})")
    if rng.random() < 0.2:
        code(f"model[{rng.randint(0, 1)}].register_full_backward_hook(lambda module, given, received: None)")
    code("y = model(torch.randn(5, 3))", f"loss = {rng.choice(LOSSES).format(y='y')}")
    if "kept.append" in hook:
        code(
            rng.choice(
                (
                    "loss = loss + kept[0].pow(2).mean()",
                    "kept[0].zero_()",
                    "kept[-1].add_(1)",
                    "loss = loss + kept[0].sin().sum()\nkept[0].mul_(2)",
                )
            )
        )
    code("loss.backward()")


def _checkpointed(rng: random.Random, code: Code) -> None:
    code("from torch.utils.checkpoint import checkpoint", "")
    code(f"layer = nn.Sequential(nn.Linear(3, 3), {rng.choice(('nn.Tanh()', 'nn.ReLU()', 'nn.Sigmoid()'))})")
    code(f"x = torch.randn(2, 3, requires_grad=True){rng.choice((' * 2', ' + 1', '.exp()'))}")
    code(f"y = checkpoint(layer, x, use_reentrant={rng.choice(('False', 'True'))})")
    code(
        rng.choice(("x += 1", "x = x + 1", "y += 1", "y = y * 2", "y.mul_(2)", "pass")),
        "z = y.exp()",
        rng.choice(("y += 1", "z *= 2", "pass", "z = z * 2")),
    )
    code("z.sum().backward()")
