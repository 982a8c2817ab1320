"""Custom autograd functions, inference mode, detached and aliased tensors: the corners of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.programs.pool import Pool
from tests.differential.programs.statements import backward, steps, with_leaf

if TYPE_CHECKING:
    import random

    from tests.differential.programs.code import Code


def write(rng: random.Random, code: Code) -> None:
    rng.choice((_function, _function, _dirty, _aliases, _aliases, _inference, _outs))(rng, code)


def _function(rng: random.Random, code: Code) -> None:
    """A function that saves its result, its input or nothing, and a write afterwards."""
    saves = rng.choice(("result", "x", ""))
    with code.block("class Curve(torch.autograd.Function):"):
        code("@staticmethod")
        with code.block("def forward(ctx, x):"):
            code("result = x.exp()" if saves == "result" else "result = x * x" if saves == "x" else "result = x * 3")
            code(*([f"ctx.save_for_backward({saves})"] if saves else []), "return result")
        code("", "@staticmethod")
        with code.block("def backward(ctx, grad):"):
            if saves:
                code(
                    "(saved,) = ctx.saved_tensors",
                    "return grad * saved" if saves == "result" else "return grad * 2 * saved",
                )
            else:
                code("return grad * 3")
    code("", "")
    code("w = torch.randn(3, requires_grad=True)", f"x = w * {rng.choice(('1', 'w'))}", "y = Curve.apply(x)")
    code(
        rng.choice(("x += 1", "y += 1", "y.mul_(2)", "y = y * 2", "x = x.clone()", "x.zero_()", "y[0] = 0")),
        "y.sum().backward()",
    )


def _dirty(rng: random.Random, code: Code) -> None:
    with code.block("class Scale(torch.autograd.Function):"):
        code("@staticmethod")
        with code.block("def forward(ctx, x):"):
            code("x.mul_(3)", "ctx.mark_dirty(x)", "return x")
        code("", "@staticmethod")
        with code.block("def backward(ctx, grad):"):
            code("return grad * 3")
    code("", "")
    code(
        "w = torch.randn(3, requires_grad=True)",
        f"x = {rng.choice(('w * 2', 'w.exp()', 'w + 1', 'w.sigmoid()', '(w * w).sin()'))}",
    )
    code(
        rng.choice(("z = x.sin()", "z = x * 2", "z = x + 1")),
        "y = Scale.apply(x)",
        rng.choice(("y = y + z", "y += 1", "y = y * 1")),
        "y.sum().backward()",
    )


def _aliases(rng: random.Random, code: Code) -> None:
    pool = Pool(rng, code)
    with_leaf(pool, leaves=1)
    y = pool.compute(pool.tensors[0])
    steps(pool, rng.randint(0, 2), writes=0.1)
    alias = code.name("alias")
    how = rng.choice(
        (
            *(
                "{y}.detach()",
                "{y}",
                "{y}.contiguous()",
                "{y}.to(torch.float32)",
                "{y}.float()",
                "{y}.detach().clone()",
                "{y}.clone()",
            ),
            *(
                "{y}.view_as({y})",
                "{y}[...]",
                "torch.as_tensor({y})",
                "{y}.cpu()",
                "{y}.reshape({y}.shape)",
                "{y}.double().float()",
            ),
            *(
                "{y}.to({y}.device)",
                "{y}.type_as({y})",
                "{y}.expand_as({y})",
                "{y}.squeeze()",
                "{y}.data.clone()",
                "{y} + 0",
            ),
        )
    )
    code(f"{alias} = {how.format(y=y.name)}")
    loss = pool.loss(terms=rng.randint(1, 2))
    code(
        rng.choice(
            (
                "{a}.add_(1)",
                "{a} *= 2",
                "{a} = {a} + 1",
                "{a}.zero_()",
                "{a}[0] = 5",
                "{a}.fill_(2)",
                "{a}.copy_(torch.ones_like({a}))",
            )
        ).format(a=alias)
    )
    backward(pool, loss)


def _inference(rng: random.Random, code: Code) -> None:
    mode = rng.choice(("torch.inference_mode()", "torch.inference_mode()", "torch.no_grad()"))
    code("w = torch.randn(3, requires_grad=True)")
    with code.block(f"with {mode}:"):
        code(
            f"f = {rng.choice(('torch.ones(3) * 2', 'w * 2', 'w.exp()'))}", rng.choice(("f += 1", "f = f * 2", "pass"))
        )
    code(rng.choice(("f = f.clone()", "f.mul_(2)", "f = f * 1", "pass", "f[0] = 1")))
    code(
        f"loss = {rng.choice(('(w * f).sum()', '(w + f).sum()', '(w.exp() + f).sum()', '(w * f.sum()).sum()'))}",
        "loss.backward()",
    )


def _outs(rng: random.Random, code: Code) -> None:
    code("w = torch.randn(3, requires_grad=True)", "buffer = torch.ones(3)", "other = torch.rand(3)")
    code(
        f"y = {rng.choice(('w * buffer', 'w + buffer', 'buffer.exp() * w', 'torch.where(other > 0.5, w, buffer)', 'w / buffer'))}"
    )
    write = rng.choice(
        (
            *(
                "torch.add(other, 1, out=buffer)",
                "torch.mul(buffer, 2, out=other)",
                "buffer.copy_(other)",
                "buffer = buffer + 1",
            ),
            *(
                "torch.exp(other, out=buffer)",
                "buffer.resize_(3)",
                "buffer.set_(torch.zeros(3))",
                "nn.init.zeros_(buffer)",
                "buffer.random_()",
            ),
            *(
                "torch.nn.utils.vector_to_parameters(other, [buffer])",
                "torch._foreach_add_([buffer, other], 1)",
                "other.add_(buffer)",
            ),
        )
    )
    code(write, "y.sum().backward()")
