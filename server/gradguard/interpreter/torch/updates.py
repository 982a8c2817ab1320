"""Intrinsics that do to many tensors what optimizers and gradient clipping do to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.builtins import registering
from gradguard.interpreter.values import NativeFunction, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

UPDATES: dict[str, NativeFunction] = {}
intrinsic = registering(UPDATES)


@intrinsic("write")
def _write(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    tensor, operator = args
    write_each(machine, [tensor], operator)


@intrinsic("write_each")
def _write_each(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    tensors, operator, times = (*args, 1)[:3]
    write_each(machine, machine.listed(tensors) or [], operator, times)


@intrinsic("with_gradient")
def _with_gradient(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return [tensor for tensor in _tensors(machine, args[0]) if machine.get_attribute(tensor, "grad") is not None]


@intrinsic("gradients")
def _gradients(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    gradients = (machine.get_attribute(tensor, "grad") for tensor in _tensors(machine, args[0]))
    return [gradient for gradient in gradients if isinstance(gradient, Tensor)]


@intrinsic("drop_gradients")
def _drop_gradients(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    for tensor in _tensors(machine, args[0]):
        machine.set_attribute(tensor, "grad", None)


def _tensors(machine: Machine, values: Value) -> list[Tensor]:
    """The tensors among `values`, a tensor or several; none if nothing is known of them."""
    listed = [values] if isinstance(values, Tensor) else machine.listed(values) or []
    return [value for value in listed if isinstance(value, Tensor)]


def write_each(machine: Machine, targets: list[Value], operator: str, times: int = 1) -> None:
    """Write the tensors among `targets` in place, each so many times, as torch's Python layer does: under no_grad."""
    tape = machine.tape
    kind = machine.tensors.write_kind("module")
    labels = machine.labels() if operator == "step" else None
    previous, tape.grad_mode = tape.grad_mode, False
    try:
        for target in targets:
            if not isinstance(target, Tensor):
                continue
            label = "" if labels is None else labels.of(target)
            for _ in range(times):
                tape.write(target, machine.site(kind, label), operator=operator)
                machine.report_hazards()
    finally:
        tape.grad_mode = previous
