"""Why an operator keeps a tensor: the formula by which its backward uses it.

Formulas are Python expressions over the operator's argument names, `grad` (the gradient of the result), `result` and
functions of torch; a test evaluates each against torch's own gradient and against a numerical derivative. They hold for
operands of equal shape (broadcasting adds a sum, which changes nothing about what is kept) and for a loss's mean.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from gradguard.rules.operators import split_overload


class Derivative(NamedTuple):
    """The gradient of one argument of an operator."""

    argument: str
    expression: str

    def mentions(self, name: str) -> bool:
        """Whether the formula uses the tensor called `name`."""
        return name in _names_in(self.expression)


def needing(operator: str, argument: str, *, is_result: bool) -> Derivative | None:
    """The first gradient of `operator` (`mul.Tensor`, `exp_`) that uses the saved `argument`; None if none is known."""
    wanted = "result" if is_result else argument
    for derivative in formulas(operator):
        if derivative.mentions(wanted):
            return derivative
    return None


def formulas(operator: str) -> tuple[Derivative, ...]:
    """The gradients of `operator`: of the overload if it has its own, else of its base name; empty if unknown."""
    base, overload = split_overload(operator)
    base = base.rstrip("_") if not base.startswith("__") else base
    return DERIVATIVES.get(f"{base}.{overload}", DERIVATIVES.get(base, ()))


def _names_in(expression: str) -> frozenset[str]:
    """Names that stand for values, not for attributes."""
    return frozenset(re.findall(r"(?<![\w.])[A-Za-z_]\w*", expression))


def _unary(expression: str, argument: str = "self") -> tuple[Derivative, ...]:
    return (Derivative(argument, expression),)


def _binary(first: str, second: str, names: tuple[str, str] = ("self", "other")) -> tuple[Derivative, ...]:
    return (Derivative(names[0], first), Derivative(names[1], second))


DERIVATIVES: Final[dict[str, tuple[Derivative, ...]]] = {
    # from the result
    "exp": _unary("grad * result"),
    "expm1": _unary("grad * (result + 1)"),
    "exp2": _unary("grad * result * math.log(2)"),
    "sqrt": _unary("grad / (2 * result)"),
    "rsqrt": _unary("-grad * result ** 3 / 2"),
    "reciprocal": _unary("-grad * result * result"),
    "sigmoid": _unary("grad * result * (1 - result)"),
    "tanh": _unary("grad * (1 - result * result)"),
    "tan": _unary("grad * (1 + result ** 2)"),
    "relu": _unary("grad * (result > 0)"),
    "elu": _unary("torch.where(result > 0, grad, grad * (result + alpha))"),
    "selu": _unary(
        "grad * torch.where(result > 0, 1.0507009873554805, result + 1.0507009873554805 * 1.6732632423543772)"
    ),
    "celu": _unary("torch.where(result > 0, grad, grad * (result / alpha + 1))"),
    "softmax": _unary("result * (grad - (grad * result).sum(dim, keepdim=True))"),
    "_softmax": _unary("result * (grad - (grad * result).sum(dim, keepdim=True))"),
    "log_softmax": _unary("grad - result.exp() * grad.sum(dim, keepdim=True)"),
    "_log_softmax": _unary("grad - result.exp() * grad.sum(dim, keepdim=True)"),
    "logsumexp": _unary("grad.unsqueeze(dim) * (self - result.unsqueeze(dim)).exp()"),
    "inverse": _unary("-result.mT @ grad @ result.mT"),
    "linalg_inv": _unary("-result.mT @ grad @ result.mT", "A"),
    "norm": _unary("grad * self / result"),
    "linalg_vector_norm": _unary("grad * self / result"),
    "cumprod": _unary("(grad * result).flip(dim).cumsum(dim).flip(dim) / self"),
    "prod": _unary("grad * result / self"),
    "max": _unary("grad * (self == result)"),
    "min": _unary("grad * (self == result)"),
    "amax": _unary("grad * (self == result)"),
    "amin": _unary("grad * (self == result)"),
    # from the input
    "log": _unary("grad / self"),
    "log2": _unary("grad / (self * math.log(2))"),
    "log10": _unary("grad / (self * math.log(10))"),
    "log1p": _unary("grad / (self + 1)"),
    "sin": _unary("grad * self.cos()"),
    "cos": _unary("-grad * self.sin()"),
    "asin": _unary("grad / (1 - self * self).sqrt()"),
    "acos": _unary("-grad / (1 - self * self).sqrt()"),
    "atan": _unary("grad / (self * self + 1)"),
    "sinh": _unary("grad * self.cosh()"),
    "cosh": _unary("grad * self.sinh()"),
    "asinh": _unary("grad / (self ** 2 + 1).sqrt()"),
    "acosh": _unary("grad / (self ** 2 - 1).sqrt()"),
    "atanh": _unary("grad / (1 - self ** 2)"),
    "abs": _unary("grad * self.sgn()"),
    "square": _unary("grad * 2 * self"),
    "erf": _unary("grad * 2 / math.sqrt(math.pi) * torch.exp(-self ** 2)"),
    "logit": _unary("grad / (self * (1 - self))"),
    "lgamma": _unary("grad * torch.digamma(self)"),
    "clamp": _unary("grad * ((self >= min) & (self <= max))"),
    "clamp_min": _unary("grad * (self >= min)"),
    "clamp_max": _unary("grad * (self <= max)"),
    "hardtanh": _unary("grad * ((self > min_val) & (self < max_val))"),
    "leaky_relu": _unary("torch.where(self > 0, grad, grad * negative_slope)"),
    "silu": _unary("grad * torch.sigmoid(self) * (1 + self * (1 - torch.sigmoid(self)))"),
    "softplus": _unary("grad * torch.sigmoid(beta * self)"),
    "gelu": _unary(
        "grad * ((1 + torch.erf(self / math.sqrt(2))) / 2 + self * torch.exp(-self ** 2 / 2) / math.sqrt(2 * math.pi))"
    ),
    "log_sigmoid": _unary("grad * torch.sigmoid(-self)"),
    "var": _unary("grad * 2 * (self - self.mean()) / (self.numel() - correction)"),
    "std": _unary("grad * (self - self.mean()) / (result * (self.numel() - correction))"),
    "pow.Tensor_Scalar": _unary("grad * exponent * self ** (exponent - 1)"),
    "pow.Tensor_Tensor": _binary(
        "grad * exponent * self ** (exponent - 1)", "grad * result * self.log()", ("self", "exponent")
    ),
    "pow.Scalar": _unary("grad * result * math.log(self)", "exponent"),
    # products: the gradient of one factor is made with the other
    "mul": _binary("grad * other", "grad * self"),
    "div": _binary("grad / other", "-grad * self / (other * other)"),
    "atan2": _binary("grad * other / (self * self + other * other)", "-grad * self / (self * self + other * other)"),
    "hypot": _binary("grad * self / result", "grad * other / result"),
    "maximum": _binary("grad * (self > other)", "grad * (self < other)"),
    "minimum": _binary("grad * (self < other)", "grad * (self > other)"),
    "dot": _binary("grad * tensor", "grad * self", ("self", "tensor")),
    "mv": _binary("torch.outer(grad, vec)", "self.T @ grad", ("self", "vec")),
    "mm": _binary("grad @ mat2.T", "self.T @ grad", ("self", "mat2")),
    "bmm": _binary("grad @ mat2.mT", "self.mT @ grad", ("self", "mat2")),
    "matmul": _binary("grad @ other.mT", "self.mT @ grad"),
    "addmm": _binary("grad @ mat2.T", "mat1.T @ grad", ("mat1", "mat2")),
    "addmv": _binary("torch.outer(grad, vec)", "mat.T @ grad", ("mat", "vec")),
    "addr": _binary("grad @ vec2", "grad.T @ vec1", ("vec1", "vec2")),
    "baddbmm": _binary("grad @ batch2.mT", "batch1.mT @ grad", ("batch1", "batch2")),
    "addcmul": _binary("grad * tensor2 * value", "grad * tensor1 * value", ("tensor1", "tensor2")),
    "addcdiv": _binary(
        "grad * value / tensor2", "-grad * value * tensor1 / (tensor2 * tensor2)", ("tensor1", "tensor2")
    ),
    "linear": _binary("grad @ weight", "grad.T @ input", ("input", "weight")),
    "lerp.Tensor": (
        Derivative("self", "grad * (1 - weight)"),
        Derivative("end", "grad * weight"),
        Derivative("weight", "grad * (end - self)"),
    ),
    "conv1d": _binary(
        "torch.nn.functional.conv_transpose1d(grad, weight)",
        "torch.nn.functional.conv1d(input.transpose(0, 1), grad.transpose(0, 1)).transpose(0, 1)",
        ("input", "weight"),
    ),
    "conv2d": _binary(
        "torch.nn.functional.conv_transpose2d(grad, weight)",
        "torch.nn.functional.conv2d(input.transpose(0, 1), grad.transpose(0, 1)).transpose(0, 1)",
        ("input", "weight"),
    ),
    # choices: the condition or index says where the gradient goes
    "where": (
        Derivative("self", "torch.where(condition, grad, 0)"),
        Derivative("other", "torch.where(condition, 0, grad)"),
    ),
    "masked_fill": _unary("grad.masked_fill(mask, 0)"),
    "gather": _unary("torch.zeros_like(self).scatter_add(dim, index, grad)"),
    "index_select": _unary("torch.zeros_like(self).index_add(dim, index, grad)"),
    "embedding": _unary("torch.zeros_like(weight).index_add(0, indices, grad)", "weight"),
    # losses
    "mse_loss": _binary(
        "grad * 2 * (self - target) / self.numel()", "-grad * 2 * (self - target) / self.numel()", ("self", "target")
    ),
    "smooth_l1_loss": _unary("grad * ((self - target) / beta).clamp(-1, 1) / self.numel()"),
    "huber_loss": _unary("grad * (self - target).clamp(-delta, delta) / self.numel()"),
    "binary_cross_entropy": _unary("grad * (self - target) / (self * (1 - self)) / self.numel()"),
    "binary_cross_entropy_with_logits": _unary("grad * (torch.sigmoid(self) - target) / self.numel()"),
    "kl_div": _unary("-grad * target"),
}
"""By overload where the overloads differ, else by base name."""
