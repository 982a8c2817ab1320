"""Every formula that a message shows is torch's gradient, and the numerical derivative; and it names what torch saves."""

# ruff: noqa: A006, N812 (torch names its arguments so)

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from gradguard.rules.derivatives import DERIVATIVES, needing
from gradguard.torchfacts.catalog import Catalog

Arguments = dict[str, Any]


def matrix(*shape: int) -> torch.Tensor:
    """Values between 0.2 and 0.8, all different: inside the domain of nearly every function, and away from kinks."""
    count = math.prod(shape)
    return (torch.linspace(0.2, 0.8, count, dtype=torch.float64) ** 1.3).reshape(shape)[..., :].flip(-1).clone()


def positional(name: str, module: Any = torch) -> Callable[..., torch.Tensor]:
    function = getattr(module, name)
    return lambda **arguments: function(*arguments.values())


INDEX = torch.tensor([[1, 0, 2], [0, 0, 1]])
X, Y = matrix(2, 3), matrix(2, 3).flip(0) + 0.05

SPECIAL: dict[str, tuple[Callable[..., torch.Tensor], Arguments]] = {
    "acosh": (positional("acosh"), {"self": X + 1}),
    "elu": (lambda self, alpha: F.elu(self, alpha), {"self": X - 0.5, "alpha": 1.5}),
    "selu": (positional("selu", F), {"self": X - 0.5}),
    "celu": (lambda self, alpha: F.celu(self, alpha), {"self": X - 0.5, "alpha": 1.5}),
    "softmax": (lambda self, dim: torch.softmax(self, dim), {"self": X, "dim": 1}),
    "_softmax": (lambda self, dim: torch._softmax(self, dim, False), {"self": X, "dim": 1}),
    "log_softmax": (lambda self, dim: torch.log_softmax(self, dim), {"self": X, "dim": 1}),
    "_log_softmax": (lambda self, dim: torch._log_softmax(self, dim, False), {"self": X, "dim": 1}),
    "logsumexp": (lambda self, dim: torch.logsumexp(self, dim), {"self": X, "dim": 1}),
    "inverse": (positional("inverse"), {"self": matrix(2, 2) + torch.eye(2)}),
    "linalg_inv": (lambda A: torch.linalg.inv(A), {"A": matrix(2, 2) + torch.eye(2)}),  # noqa: N803
    "linalg_vector_norm": (lambda self: torch.linalg.vector_norm(self), {"self": X}),
    "cumprod": (lambda self, dim: torch.cumprod(self, dim), {"self": X, "dim": 1}),
    "clamp": (lambda self, min, max: torch.clamp(self, min, max), {"self": X, "min": 0.3, "max": 0.6}),
    "clamp_min": (lambda self, min: torch.clamp_min(self, min), {"self": X, "min": 0.35}),
    "clamp_max": (lambda self, max: torch.clamp_max(self, max), {"self": X, "max": 0.35}),
    "hardtanh": (
        lambda self, min_val, max_val: F.hardtanh(self, min_val, max_val),
        {"self": X, "min_val": 0.3, "max_val": 0.6},
    ),
    "leaky_relu": (
        lambda self, negative_slope: F.leaky_relu(self, negative_slope),
        {"self": X - 0.45, "negative_slope": 0.1},
    ),
    "relu": (positional("relu"), {"self": X - 0.45}),
    "softplus": (lambda self, beta: F.softplus(self, beta), {"self": X, "beta": 2.0}),
    "log_sigmoid": (lambda self: F.logsigmoid(self), {"self": X}),
    "silu": (positional("silu", F), {"self": X}),
    "gelu": (positional("gelu", F), {"self": X}),
    "var": (lambda self, correction: torch.var(self, correction=correction), {"self": X, "correction": 1}),
    "std": (lambda self, correction: torch.std(self, correction=correction), {"self": X, "correction": 1}),
    "pow.Tensor_Scalar": (positional("pow"), {"self": X, "exponent": 3}),
    "pow.Tensor_Tensor": (positional("pow"), {"self": X, "exponent": Y}),
    "pow.Scalar": (positional("pow"), {"self": 2.0, "exponent": Y}),
    "dot": (positional("dot"), {"self": matrix(3), "tensor": matrix(3) + 1}),
    "mv": (positional("mv"), {"self": X, "vec": matrix(3)}),
    "mm": (positional("mm"), {"self": X, "mat2": matrix(3, 2)}),
    "bmm": (positional("bmm"), {"self": matrix(2, 2, 3), "mat2": matrix(2, 3, 2)}),
    "matmul": (positional("matmul"), {"self": X, "other": matrix(3, 2)}),
    "addmm": (
        lambda mat1, mat2: torch.addmm(torch.ones(2, 2, dtype=torch.float64), mat1, mat2),
        {"mat1": X, "mat2": matrix(3, 2)},
    ),
    "addmv": (
        lambda mat, vec: torch.addmv(torch.ones(2, dtype=torch.float64), mat, vec),
        {"mat": X, "vec": matrix(3)},
    ),
    "addr": (
        lambda vec1, vec2: torch.addr(torch.ones(2, 3, dtype=torch.float64), vec1, vec2),
        {"vec1": matrix(2), "vec2": matrix(3)},
    ),
    "baddbmm": (
        lambda batch1, batch2: torch.baddbmm(torch.ones(2, 2, 2, dtype=torch.float64), batch1, batch2),
        {"batch1": matrix(2, 2, 3), "batch2": matrix(2, 3, 2)},
    ),
    "addcmul": (
        lambda tensor1, tensor2, value: torch.addcmul(X, tensor1, tensor2, value=value),
        {"tensor1": X + 1, "tensor2": Y, "value": 0.5},
    ),
    "addcdiv": (
        lambda tensor1, tensor2, value: torch.addcdiv(X, tensor1, tensor2, value=value),
        {"tensor1": X + 1, "tensor2": Y, "value": 0.5},
    ),
    "linear": (lambda input, weight: F.linear(input, weight), {"input": X, "weight": matrix(4, 3)}),
    "lerp.Tensor": (positional("lerp"), {"self": X, "end": Y, "weight": matrix(2, 3) + 0.1}),
    "conv1d": (lambda input, weight: F.conv1d(input, weight), {"input": matrix(2, 3, 5), "weight": matrix(2, 3, 2)}),
    "conv2d": (
        lambda input, weight: F.conv2d(input, weight),
        {"input": matrix(2, 3, 4, 4), "weight": matrix(2, 3, 2, 2)},
    ),
    "where": (
        lambda condition, self, other: torch.where(condition, self, other),
        {"condition": X > 0.4, "self": X, "other": Y},
    ),
    "masked_fill": (lambda self, mask: self.masked_fill(mask, 0.5), {"self": X, "mask": X > 0.4}),
    "gather": (positional("gather"), {"self": X, "dim": 1, "index": INDEX}),
    "index_select": (positional("index_select"), {"self": X, "dim": 1, "index": INDEX[0]}),
    "embedding": (
        lambda weight, indices: F.embedding(indices, weight),
        {"weight": matrix(4, 3), "indices": torch.tensor([1, 3])},
    ),
    "mse_loss": (positional("mse_loss", F), {"self": X, "target": Y}),
    "smooth_l1_loss": (
        lambda self, target, beta: F.smooth_l1_loss(self, target, beta=beta),
        {"self": X, "target": Y, "beta": 0.2},
    ),
    "huber_loss": (
        lambda self, target, delta: F.huber_loss(self, target, delta=delta),
        {"self": X, "target": Y, "delta": 0.2},
    ),
    "binary_cross_entropy": (positional("binary_cross_entropy", F), {"self": X, "target": Y / 2}),
    "binary_cross_entropy_with_logits": (
        positional("binary_cross_entropy_with_logits", F),
        {"self": X, "target": Y / 2},
    ),
    "kl_div": (lambda self, target: F.kl_div(self, target, reduction="none"), {"self": X.log(), "target": Y}),
}
BINARY = ("mul", "div", "atan2", "hypot", "maximum", "minimum")


def sample(operator: str) -> tuple[Callable[..., torch.Tensor], Arguments]:
    if operator in SPECIAL:
        return SPECIAL[operator]
    if operator in BINARY:
        return positional(operator), {"self": X, "other": Y}
    return positional(operator), {"self": X}


CASES = [(operator, derivative) for operator, each in DERIVATIVES.items() for derivative in each]
NAMES = [f"{operator} {derivative.argument}" for operator, derivative in CASES]


@pytest.mark.parametrize(("operator", "derivative"), CASES, ids=NAMES)
def test_the_formula_is_the_gradient(operator: str, derivative: Any) -> None:
    function, arguments = sample(operator)
    leaf = arguments[derivative.argument].clone().requires_grad_()
    result = function(**{**arguments, derivative.argument: leaf})
    grad = matrix(*result.shape) if result.shape else torch.tensor(0.7, dtype=torch.float64)
    (found,) = torch.autograd.grad(result, leaf, grad)
    names = {**arguments, "grad": grad, "result": result.detach(), "torch": torch, "math": math}
    formula = eval(derivative.expression, names)
    torch.testing.assert_close(formula.expand_as(found), found)
    assert torch.autograd.gradcheck(lambda moved: function(**{**arguments, derivative.argument: moved}), leaf)


def test_the_formula_that_uses_the_saved_tensor_is_chosen() -> None:
    needs = {
        ("exp", "result", True): "grad * result",
        ("exp_", "result", True): "grad * result",
        ("mul.Tensor", "other", False): "grad * other",
        ("mul.Tensor", "self", False): "grad * self",
        ("pow.Tensor_Scalar", "self", False): "grad * exponent * self ** (exponent - 1)",
        ("linear", "weight", False): "grad @ weight",
        ("matmul[other:rank=1]", "self", False): "self.mT @ grad",
        ("torch.nn.functional.gelu[approximate=none]", "self", False): DERIVATIVES["gelu"][0].expression,
    }
    for (operator, argument, is_result), expression in needs.items():
        derivative = needing(operator, argument, is_result=is_result)
        assert derivative is not None
        assert derivative.expression == expression


def test_unknown_operators_have_no_formula() -> None:
    assert needing("nobody_knows_it", "self", is_result=False) is None
    assert needing("exp", "self", is_result=False) is None


def test_formulas_speak_of_arguments_that_torch_has() -> None:
    catalog = Catalog.load()
    known = {name.rpartition("::")[2].partition(".")[0].rstrip("_") for name in catalog.operator_names()}
    known |= {name.rpartition(".")[2] for name in catalog.public_names()}
    for operator in DERIVATIVES:
        assert operator.partition(".")[0].lstrip("_") in {name.lstrip("_") for name in known}, operator
