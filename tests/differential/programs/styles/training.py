"""Training loops: several networks, optimizers and losses, whose calls come in right and wrong orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code

OPTIMIZERS = (
    "SGD({p}, lr=0.1)",
    "Adam({p}, lr=1e-3)",
    "AdamW({p})",
    "RMSprop({p}, lr=0.01)",
    "SGD({p}, lr=0.1, momentum=0.9)",
    "Adagrad({p})",
)

NETS = (
    *(
        "nn.Linear(3, 3)",
        "nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))",
        "nn.Sequential(nn.Linear(3, 3), nn.Tanh())",
    ),
    *("nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.ReLU(inplace=True), nn.Linear(4, 3))",),
    *(
        "nn.Sequential(nn.LayerNorm(3), nn.Linear(3, 3))",
        "nn.Sequential(nn.Linear(3, 3), nn.Sigmoid(), nn.Linear(3, 3))",
    ),
)


def write(rng: random.Random, code: Code) -> None:
    rng.choice(
        (_losses, _losses, _adversarial, _carried, _buffered, _by_hand, _accumulated, _decoder, _target_network)
    )(rng, code)


def _nets(rng: random.Random, code: Code, count: int) -> list[str]:
    names = [code.name("net") for _ in range(count)]
    for name in names:
        code(f"{name} = {rng.choice(NETS)}")
    return names


def _optimizer(rng: random.Random, code: Code, *nets: str) -> str:
    name = code.name("opt")
    parameters = (
        f"{nets[0]}.parameters()" if len(nets) == 1 else " + ".join(f"list({net}.parameters())" for net in nets)
    )
    code(f"{name} = torch.optim.{rng.choice(OPTIMIZERS).format(p=parameters)}")
    return name


def _batch(rng: random.Random) -> str:
    return rng.choice(("torch.randn(5, 3)", "torch.rand(2, 3)", "torch.randn(4, 3) * 2"))


def _rounds(rng: random.Random, code: Code) -> str:
    return rng.choice(
        (
            "for step in range(3):",
            "for epoch in range(2):",
            "for i, scale in enumerate((1.0, 0.5, 0.1)):",
            "for _ in range(2):",
        )
    )


def _losses(rng: random.Random, code: Code) -> None:
    """A shared trunk, heads with a loss each, and the calls in a partly shuffled order."""
    trunk, *heads = _nets(rng, code, rng.randint(2, 3))
    together = rng.random() < 0.4
    optimizers = (
        [_optimizer(rng, code, trunk, *heads)] if together else [_optimizer(rng, code, net) for net in (trunk, *heads)]
    )
    with code.block(_rounds(rng, code)):
        code(f"x = {_batch(rng)}", f"h = {trunk}(x)")
        losses = []
        for head in heads:
            loss = code.name("loss")
            features = rng.choice(("h", "h", "h", "h.detach()", "torch.tanh(h)"))
            code(f"{loss} = {head}({features}){rng.choice(('.mean()', '.pow(2).mean()', '.abs().sum()'))}")
            losses.append(loss)
        _calls(rng, code, optimizers, losses)


def _calls(rng: random.Random, code: Code, optimizers: list[str], losses: list[str]) -> None:
    clear = [f"{optimizer}.zero_grad()" for optimizer in optimizers]
    backward = [
        f"{loss}.backward({'retain_graph=True' if number < len(losses) - 1 and rng.random() < 0.85 else ''})"
        for number, loss in enumerate(losses)
    ]
    step = [f"{optimizer}.step()" for optimizer in optimizers]
    calls = [*clear, *backward, *step]
    if rng.random() < 0.5:
        # One backward after a step, which is how the mistake is mostly made.
        calls = [*clear, *backward[:1], *step[:1], *backward[1:], *step[1:]]
    if rng.random() < 0.2:
        calls.insert(rng.randrange(len(calls)), calls.pop(rng.randrange(len(calls))))
    code(*calls)


def _adversarial(rng: random.Random, code: Code) -> None:
    maker, critic = _nets(rng, code, 2)
    maker_opt, critic_opt = _optimizer(rng, code, maker), _optimizer(rng, code, critic)
    with code.block(_rounds(rng, code)):
        code("real, noise = torch.randn(4, 3), torch.randn(4, 3)", f"fake = {maker}(noise)")
        again = rng.random() < 0.5
        seen = rng.choice(("fake", "fake.detach()", "fake.detach()"))
        retain = "retain_graph=True" if seen == "fake" and rng.random() < 0.8 else ""
        if not again:
            code(f"verdict = {critic}(fake)")
        code(f"critic_loss = {critic}({seen}).mean() - {critic}(real).mean()")
        if not again:
            code("maker_loss = -verdict.mean()")
        code(f"{critic_opt}.zero_grad()", f"critic_loss.backward({retain})", f"{critic_opt}.step()")
        if again:
            code(f"maker_loss = -{critic}({rng.choice(('fake', 'fake', f'{maker}(noise)'))}).mean()")
        code(f"{maker_opt}.zero_grad()", "maker_loss.backward()", f"{maker_opt}.step()")


def _carried(rng: random.Random, code: Code) -> None:
    """A recurrent cell whose state goes on to the next round."""
    cell = code.name("cell")
    kind = rng.choice(("nn.GRUCell(3, 3)", "nn.RNNCell(3, 3)", "nn.LSTMCell(3, 3)"))
    code(f"{cell} = {kind}")
    optimizer = _optimizer(rng, code, cell)
    pair = "LSTM" in kind
    code("h, c = torch.zeros(2, 3), torch.zeros(2, 3)" if pair else "h = torch.zeros(2, 3)")
    cut = rng.choice(("before", "after", "never", "in place"))
    with code.block(rng.choice(("for step in range(3):", "for step in range(2):"))):
        code("x = torch.randn(2, 3)")
        if cut == "before":
            code("h = h.detach()", *(["c = c.detach()"] if pair else []))
        code(f"h, c = {cell}(x, (h, c))" if pair else f"h = {cell}(x, h)")
        code(f"loss = {rng.choice(('h.mean()', 'h.pow(2).mean()', '(h - 1).abs().sum()'))}", f"{optimizer}.zero_grad()")
        code(f"loss.backward({rng.choice(('', '', 'retain_graph=True'))})", f"{optimizer}.step()")
        if cut == "after":
            code("h = h.detach()", *(["c = c.detach()"] if pair else []))
        if cut == "in place":
            code("h.detach_()", *(["c.detach_()"] if pair else []))
            code(rng.choice(("h.zero_()", "h *= 0.5", "pass")))


def _buffered(rng: random.Random, code: Code) -> None:
    """One input tensor filled anew for each batch."""
    (net,) = _nets(rng, code, 1)
    optimizer = _optimizer(rng, code, net)
    code("batch = torch.zeros(4, 3)", "total = 0")
    late = rng.random() < 0.5
    with code.block("for step in range(3):"):
        code(
            rng.choice(
                (
                    "batch.normal_()",
                    "batch.copy_(torch.randn(4, 3))",
                    "batch[:] = torch.rand(4, 3)",
                    "batch = torch.randn(4, 3)",
                    "batch.add_(1)",
                )
            )
        )
        code(f"loss = {net}({rng.choice(('batch', 'batch', 'batch.clone()'))}).pow(2).mean()")
        if late:
            code("total = total + loss")
        else:
            code(f"{optimizer}.zero_grad()")
            if rng.random() < 0.25:
                code(rng.choice(("batch.zero_()", "batch *= 2", "batch = batch * 2")))
            code("loss.backward()", f"{optimizer}.step()")
    if late:
        code(f"{optimizer}.zero_grad()", "total.backward()", f"{optimizer}.step()")


def _by_hand(rng: random.Random, code: Code) -> None:
    """Weights updated without an optimizer."""
    code("w = torch.randn(3, requires_grad=True)", "v = torch.randn(3, requires_grad=True)")
    with code.block("for step in range(3):"):
        code(
            f"loss = {rng.choice(('(w * v).sum()', '(w.exp() + v).sum()', '((w + v) ** 2).mean()', '(w + 2 * v).sum()'))}"
        )
        early = rng.random() < 0.35
        if not early:
            code("loss.backward()")
        style = rng.randrange(4)
        with code.block("if w.grad is not None:"):
            if style == 0:
                code(rng.choice(("w -= 0.1 * w.grad", "w.sub_(w.grad, alpha=0.1)", "w[:] = w - 0.1 * w.grad")))
            elif style == 1:
                code("w.data -= 0.1 * w.grad", "v.data -= 0.1 * v.grad")
            else:
                with code.block("with torch.no_grad():"), code.block("for p in (w, v):"):
                    code("p -= 0.1 * p.grad", rng.choice(("p.grad = None", "p.grad.zero_()")))
        if early:
            code("loss.backward()")


def _accumulated(rng: random.Random, code: Code) -> None:
    (net,) = _nets(rng, code, 1)
    optimizer = _optimizer(rng, code, net)
    kind = rng.randrange(3)
    code(*(["total = 0"] if kind else []))
    with code.block("for step in range(4):"):
        code(f"loss = {net}({_batch(rng)}){rng.choice(('.mean()', '.pow(2).mean()', '.norm()'))}")
        if kind == 0:
            code(rng.choice(("loss /= 2", "loss = loss / 2")), "loss.backward()")
            with code.block("if (step + 1) % 2 == 0:"):
                code(
                    f"nn.utils.clip_grad_norm_({net}.parameters(), 1.0)",
                    f"{optimizer}.step()",
                    f"{optimizer}.zero_grad()",
                )
        else:
            code(
                rng.choice(
                    ("total += loss", "total = total + loss", "total = total + loss.detach()", "total += loss.item()")
                )
            )
            code(f"{optimizer}.zero_grad()")
            code(
                rng.choice(
                    ("loss.backward()", "(total + loss).backward()", "(total + loss).backward(retain_graph=True)")
                ),
                f"{optimizer}.step()",
            )


def _decoder(rng: random.Random, code: Code) -> None:
    """Outputs written step by step, and perhaps read back."""
    cell, project = code.name("cell"), code.name("proj")
    code(f"{cell} = {rng.choice(('nn.GRUCell(3, 4)', 'nn.RNNCell(3, 4)'))}", f"{project} = nn.Linear(4, 3)")
    code("target = torch.randn(4, 2, 3)", "outputs = torch.zeros(4, 2, 3)", "h, token = torch.zeros(2, 4), target[0]")
    with code.block("for t in range(1, 4):"):
        code(f"h = {cell}({rng.choice(('token', 'token', 'outputs[t - 1]'))}, h)", f"out = {project}(h)")
        code(rng.choice(("outputs[t] = out", "outputs[t] = out.sigmoid()", "outputs[t, :] = out", "outputs[t] += out")))
        code(
            rng.choice(
                (
                    "token = target[t]",
                    "token = out",
                    "token = outputs[t]",
                    "token = outputs[t].detach()",
                    "token = outputs[t].clone()",
                )
            )
        )
        if rng.random() < 0.15:
            code(rng.choice(("h *= 0.5", "h = h * 0.5", "out.zero_()")))
    code("loss = (outputs - target).pow(2).mean()", "loss.backward()")


def _target_network(rng: random.Random, code: Code) -> None:
    online, target = _nets(rng, code, 2)
    code(f"{target} = copy.deepcopy({online})")
    optimizer = _optimizer(rng, code, online)
    with code.block(_rounds(rng, code)):
        code("x = torch.randn(4, 3)")
        grad = rng.random() < 0.4
        if grad:
            code(f"goal = {target}({online}(x))")
        else:
            with code.block("with torch.no_grad():"):
                code(f"goal = {target}(x)")
        code(f"loss = ({online}(x) - goal).pow(2).mean()", f"{optimizer}.zero_grad()")
        step = rng.choice(
            ("slow.mul_(0.9).add_(fast, alpha=0.1)", "slow.lerp_(fast, 0.1)", "slow.copy_(fast)", "slow.data.mul_(0.9)")
        )
        update = [
            "with torch.no_grad():",
            f"    for slow, fast in zip({target}.parameters(), {online}.parameters()):",
            f"        {step}",
        ]
        if early := rng.random() < 0.4:
            code(*update)
        code("loss.backward()", f"{optimizer}.step()")
        if not early:
            code(*update)
