"""Programs that ask one question about a layer: is this tensor saved, is it written, does the result alias the input?

Each is a whole program of the kind a user writes, so torch and gradguard answer it without knowing the question: it raises in
its last line, or it does not.
"""

from __future__ import annotations

from tests.prelude.layers import Layer

HEADER = """\
import torch
from torch import nn

torch.manual_seed(0)


def uniform(*shape):
    return torch.rand(*shape) * 0.8 + 0.1


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [] if value is None else [tensor for part in value for tensor in tensors(part)]


scale = torch.ones((), requires_grad=True)
layer = {make}
"""


def saved(layer: Layer, slot: str, inputs_need_grad: bool) -> str:
    """The tensor `slot` (an expression: `x0`, `results[0]`, `layer.weight`) is written after the forward."""
    return (
        _beginning(layer, inputs_need_grad)
        + f"results = tensors({layer.expression})\n"
        + "live = [result for result in results if result.requires_grad]\n"
        + f"slot = {slot}\n"
        + "with torch.no_grad():\n    slot.add_(0)\n"
        + "torch.autograd.backward(live, [torch.ones_like(result) for result in live])\n"
    )


def written(layer: Layer, slot: str) -> str:
    """`slot` was saved by a product before the forward, which raises if the forward writes it."""
    return (
        _beginning(layer, False)
        + f"product = ({slot} * scale).sum()\n"
        + f"{layer.expression}\n"
        + "product.backward()\n"
    )


def aliased(layer: Layer) -> str:
    """The first result is written; `x0` was saved by a product before."""
    return (
        _beginning(layer, False)
        + "product = (x0 * scale).sum()\n"
        + f"results = tensors({layer.expression})\n"
        + "with torch.no_grad():\n    results[0].add_(0)\n"
        + "product.backward()\n"
    )


def shaped(layer: Layer, slot: str, shape: tuple[int, ...], dtype: str) -> str:
    """It raises if `slot` has this shape and dtype."""
    return (
        _beginning(layer, False)
        + f"results = tensors({layer.expression})\n"
        + f"root = scale.exp()\nif tuple({slot}.shape) == {shape} and {slot}.dtype == {dtype}:\n"
        + "    root += 1\nroot.backward()\n"
    )


def _beginning(layer: Layer, inputs_need_grad: bool) -> str:
    lines = []
    for index, made in enumerate(layer.inputs):
        needs = inputs_need_grad and "randint" not in made and (index == 0 or not layer.only_first)
        needs = needs and "tensor(" not in made and "ones(" not in made
        # Not a leaf, so that layers that write their input may.
        lines.append(f"x{index} = {made}" + (".requires_grad_().clone()" if needs else ""))
    return HEADER.format(make=layer.make) + "\n".join(lines) + "\n"
