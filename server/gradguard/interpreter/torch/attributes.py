"""Attributes of tensors that are no methods: `shape`, `grad`, `data`, `T` …"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter.values import Dtype, Unknown, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Reader = Callable[["Machine", Tensor], Value]
Writer = Callable[["Machine", Tensor, Value], None]


def shape(machine: Machine, tensor: Tensor) -> Value:
    sizes = tensor.geometry.shape
    if sizes is None:
        return Unknown(("shape", tensor))
    return tuple(Unknown(("size", tensor, i), number=True) if size is None else size for i, size in enumerate(sizes))


def _ndim(machine: Machine, tensor: Tensor) -> Value:
    sizes = tensor.geometry.shape
    return Unknown(("ndim", tensor), number=True) if sizes is None else len(sizes)


def _dtype(machine: Machine, tensor: Tensor) -> Value:
    name = tensor.geometry.dtype
    return Unknown(("dtype", tensor)) if name is None else Dtype(name)


def _requires_grad(machine: Machine, tensor: Tensor) -> Value:
    return (
        Unknown(("requires_grad", tensor)) if tensor.maybe_grad and not tensor.requires_grad else tensor.requires_grad
    )


def _is_leaf(machine: Machine, tensor: Tensor) -> Value:
    leaf = machine.tape.is_leaf(tensor, machine.site())
    machine.report_hazards()
    return leaf


def _grad_fn(machine: Machine, tensor: Tensor) -> Value:
    node = machine.tape.grad_fn(tensor, machine.site())
    machine.report_hazards()
    return None if node is None else Unknown(("grad_fn", node))


def _grad(machine: Machine, tensor: Tensor) -> Value:
    return tensor.grad


def _data(machine: Machine, tensor: Tensor) -> Value:
    if machine.tensors.is_array(tensor):
        return tensor
    made = machine.tape.data(tensor, machine.site())
    cls = machine.tensors.classes.get(tensor)
    if cls is not None and cls.name != "Parameter":
        machine.tensors.classes[made] = cls
    return made


def _numel(machine: Machine, tensor: Tensor) -> Value:
    count = tensor.geometry.numel
    return Unknown(("numel", tensor), number=True) if count is None else count


def _method(name: str) -> Reader:
    return lambda machine, tensor: machine.tensors.method(tensor, name, [], {})


def _transposed(machine: Machine, tensor: Tensor) -> Value:
    sizes = tensor.geometry.shape
    if sizes is not None and len(sizes) <= 2:
        return machine.tensors.method(tensor, "t", [], {})
    if sizes is None:
        return machine.tensors.method(tensor, "t", [], {})
    return machine.tensors.method(tensor, "permute", list(range(len(sizes) - 1, -1, -1)), {})


def _swapped(machine: Machine, tensor: Tensor) -> Value:
    return machine.tensors.method(tensor, "transpose", [-2, -1], {})


READ: dict[str, Reader] = {
    "shape": shape,
    "ndim": _ndim,
    "dtype": _dtype,
    "requires_grad": _requires_grad,
    "is_leaf": _is_leaf,
    "grad_fn": _grad_fn,
    "grad": _grad,
    "data": _data,
    "size_": _numel,
    "T": _transposed,
    "mT": _swapped,
    "H": _transposed,
    "mH": _swapped,
    "real": _method("real"),
    "imag": _method("imag"),
    "_version": lambda machine, tensor: Unknown(),
    "is_cuda": lambda machine, tensor: False,
    "is_sparse": lambda machine, tensor: False,
    "is_quantized": lambda machine, tensor: False,
    "retains_grad": lambda machine, tensor: tensor.retains_grad,
    "__class__": lambda machine, tensor: machine.tensors.class_of(tensor),
    "__dict__": lambda machine, tensor: machine.tensors.extras.setdefault(tensor, {}),
}
OPAQUE = frozenset(
    {"device", "layout", "names", "itemsize", "nbytes", "flags", "strides", "__array__", "__cuda_array_interface__"}
)
"""Attributes that exist but tell an analysis nothing."""


def _set_data(machine: Machine, tensor: Tensor, value: Value) -> None:
    if isinstance(value, Tensor):
        machine.tape.set_data(tensor, value, machine.site("assignment"))
        machine.report_hazards()
    else:
        machine.tape.forget([tensor])


def _set_grad(machine: Machine, tensor: Tensor, value: Value) -> None:
    tensor.grad = value if isinstance(value, Tensor) else None


def _set_requires_grad(machine: Machine, tensor: Tensor, value: Value) -> None:
    if isinstance(value, bool):
        machine.tape.requires_grad_(tensor, value, machine.site())
        machine.report_hazards()


def _set_part(name: str) -> Writer:
    """`x.real = v` writes the part in place."""

    def write(machine: Machine, tensor: Tensor, value: Value) -> None:
        machine.set_item(machine.tensors.method(tensor, name, [], {}), Ellipsis, value)

    return write


WRITE: dict[str, Writer] = {
    "data": _set_data,
    "grad": _set_grad,
    "requires_grad": _set_requires_grad,
    "real": _set_part("real"),
    "imag": _set_part("imag"),
}
