"""Steps that call operators: single ones, `_foreach_` and out= forms, custom Functions, with saved-tensor hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tests.differential.tape.functions import RECIPES, apply
from tests.differential.tape.samples import Sample, Slot, fill, foreach_samples, out_samples, samples
from tests.differential.tape.sides import Both, aten

if TYPE_CHECKING:
    from tests.differential.tape.program import Program

_COMMON = (
    "add.Tensor",
    "mul.Tensor",
    "div.Tensor",
    "exp",
    "sigmoid",
    "sin",
    "add_.Tensor",
    "mul_.Tensor",
    "copy_",
    "zero_",
    "sigmoid_",
    "sin_",
    "relu_",
    "pow.Tensor_Scalar",
    "mm",
)


def any_operator(program: Program) -> None:
    """Any operator of the catalog that has a sample."""
    _operator(program, program.random.choice(samples()))


def common_operator(program: Program) -> None:
    """One of those that programs are mostly made of."""
    name = program.random.choice(_COMMON)
    _operator(program, next(sample for sample in samples() if sample.operator.name == name))


def foreach(program: Program) -> None:
    """One operator on two lists of tensors."""
    _operator(program, program.random.choice(foreach_samples()))


def _operator(program: Program, sample: Sample) -> None:
    sides = program.sides
    if sample.operator.name.startswith("unsafe_") and sides.tape.inference_mode:
        return  # there it makes ordinary views with a counter of their own, which nothing else does
    positional, keywords = _arguments(program, sample)
    if sample.operator.writes and isinstance(sample.positional[0], Slot):
        positional[0] = program.target(sample.positional[0])
    for index, value in enumerate(positional):
        # Sometimes a number where a tensor may stand.
        argument = sample.operator.arguments[index]
        if isinstance(value, Both) and argument.name == "other" and program.random.random() < 0.15:
            positional[index] = 0.5
    program.operators.add(sample.operator.name)
    program.record(sides.op(sample.operator.name, *positional, **keywords))


def _arguments(program: Program, sample: Sample) -> tuple[list[object], dict[str, object]]:
    positional = [fill(value, program.pick) for value in sample.positional]
    return positional, {name: fill(value, program.pick) for name, value in sample.keywords.items()}


def out(program: Program) -> None:
    """An operator that puts its result into a tensor of the program."""
    sample, overload = program.random.choice(out_samples())
    positional, keywords = _arguments(program, sample)
    try:
        copies = [_copied(value) for value in positional]
        result = aten(sample.operator.name)(*copies, **{name: _copied(value) for name, value in keywords.items()})
    except RuntimeError:
        return
    if isinstance(result, torch.Tensor) and result.dtype == torch.float32:
        program.operators.add(overload)
        target = program.pick(Slot(tuple(result.shape), "float"))
        memory = {id(both.model.storage) for value in positional for both in _tensors(value)}
        if id(target.model.storage) in memory:
            return  # whether it may be one of the operands is a matter of each kernel
        program.record(program.sides.op(overload, *positional, **keywords, out=target))


def _tensors(value: object) -> list[Both]:
    if isinstance(value, list):
        return [both for item in value for both in _tensors(item)]
    return [value] if isinstance(value, Both) else []


def _copied(value: object) -> object:
    if isinstance(value, Both):
        return value.real.detach().clone()
    return [_copied(item) for item in value] if isinstance(value, list) else value


def with_saved_hooks(program: Program) -> None:
    """An operator whose node hands what it saves to the program's hooks: no version is checked then."""
    program.sides.set_saved_hooks(True)
    common_operator(program)
    program.sides.set_saved_hooks(False)


def custom_function(program: Program) -> None:
    """`Function.apply`, with a forward and a backward that do one of the things programs do there."""
    if not program.sides.tape.inference_mode:
        program.record(apply(program.sides, program.random.choice(RECIPES), program.any()))
