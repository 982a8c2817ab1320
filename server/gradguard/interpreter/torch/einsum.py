"""`torch.einsum`: which operands its products keep.

Operands are multiplied two at a time. Without a summed label that is `mul` of views of both; else each is permuted and reshaped for `bmm`,
and is kept as long as the reshape is a view of it. Source: ATen/native/Linear.cpp, `einsum` and `sumproduct_pair`; measured in
`tests/semantics/test_einsum.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.values import Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.operator import Argument, Operator, SavedArgument
from gradguard.torchfacts.shapes import view_strides

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def einsum(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`torch.einsum(equation, *operands)`."""
    equation, *rest = args
    operands = list(rest[0]) if len(rest) == 1 and isinstance(rest[0], (list, tuple)) else rest
    if not operands or not all(isinstance(operand, Tensor) for operand in operands):
        return Unknown()
    labels, output = _labels(equation, len(operands)) if isinstance(equation, str) else (None, "")
    if labels is None or any("." in part or len(set(part)) < len(part) for part in labels):
        return _product(machine, operands, [False] * len(operands), None)
    geometry = Geometry(_shape(labels, output, operands), None, 0, operands[0].geometry.dtype)
    return _product(machine, operands, _kept(labels, output, operands), geometry)


def _labels(equation: str, count: int) -> tuple[list[str] | None, str]:
    """The operands' labels and the output's, which default to those that occur once, in alphabetical order."""
    given, arrow, output = equation.replace(" ", "").partition("->")
    labels = given.split(",")
    if len(labels) != count:
        return None, ""
    if not arrow:
        output = "".join(sorted(label for label in set(given) - {","} if given.count(label) == 1))
    return labels, output


def _shape(labels: list[str], output: str, operands: list[Tensor]) -> tuple[int | None, ...] | None:
    sizes: dict[str, int | None] = {}
    for part, operand in zip(labels, operands, strict=True):
        shape = operand.geometry.shape
        if shape is None or len(shape) != len(part):
            return (None,) * len(output)
        for label, size in zip(part, shape, strict=True):
            if sizes.get(label) in (None, 1):
                sizes[label] = size
    return tuple(sizes.get(label) for label in output)


def _kept(labels: list[str], output: str, operands: list[Tensor]) -> list[bool]:
    """For each operand, whether the product surely keeps it."""
    if len(operands) == 1:
        return [False]
    order = output + "".join(sorted(set("".join(labels)) - set(output)))
    kept = []
    accumulated = labels[0]
    for index, part in enumerate(labels):
        if index == 0:
            others, summed = labels[1], _summed(labels, output, 1)
        else:
            others, summed = accumulated, _summed(labels, output, index)
            accumulated = "".join(label for label in order if label in accumulated + part and label not in summed)
        kept.append(_is_kept(operands[index].geometry, part, others, summed, order, left=index == 0))
    return kept


def _summed(labels: list[str], output: str, step: int) -> set[str]:
    """The labels that the multiplication with operand `step` sums over: no later operand has them, nor the output."""
    later = set("".join(labels[step + 1 :])) | set(output)
    return {label for part in labels[: step + 1] for label in part if label not in later}


def _is_kept(geometry: Geometry, part: str, others: str, summed: set[str], order: str, *, left: bool) -> bool:
    if any(label in summed and label not in others for label in part):
        return False  # summed over before the product
    if not summed:
        return True
    shape, strides = geometry.shape, geometry.strides
    if shape is None or strides is None or len(shape) != len(part) or None in shape:
        return False
    both = [label for label in order if label in part and label in others and label not in summed]
    own = [label for label in order if label in part and label not in others]
    over = [label for label in order if label in part and label in summed]
    groups = (both, own, over) if left else (both, over, own)
    permuted = [part.index(label) for group in groups for label in group]
    laid = Geometry(
        tuple(shape[i] for i in permuted), tuple(strides[i] for i in permuted), geometry.offset, geometry.dtype
    )
    sizes = []
    for group in groups:
        size = 1
        for label in group:
            size *= shape[part.index(label)] or 0
        sizes.append(size)
    return view_strides(laid, tuple(sizes)) is not None


def _product(machine: Machine, operands: list[Tensor], kept: list[bool], geometry: Geometry | None) -> Value:
    names = tuple(f"operand{i}" for i in range(len(operands)))
    saved = tuple(
        SavedArgument(name, names[:index] if index else names[1:2])
        for index, (name, keeps) in enumerate(zip(names, kept, strict=True))
        if keeps
    )
    operator = Operator(
        "einsum",
        tuple(Argument(name, "tensor") for name in names),
        1,
        "BmmBackward0",
        names,
        (True,),
        saved,
        (),
        saves_private=len(operands) > 1,
    )
    result = machine.tape.apply(
        operator,
        dict(zip(names, operands, strict=True)),
        machine.site(),
        results=None if geometry is None else (geometry,),
    )[0]
    machine.report_hazards()
    return result
