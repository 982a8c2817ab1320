"""Making tensors from data of the program: `torch.tensor`, `as_tensor`, `torch.Tensor(2, 3)`, `from_numpy`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradguard.interpreter.values import Dtype, Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import fresh, literal_geometry

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def fresh_geometry(shape: tuple[int | None, ...] | None, dtype: str | None) -> Geometry:
    """The geometry of new contiguous memory."""
    return fresh(shape, dtype)


def _dtype(value: Value, default: str | None) -> str | None:
    return value.name if isinstance(value, Dtype) else default


def _with_grad(machine: Machine, tensor: Value, kwargs: dict[str, Value]) -> Value:
    if isinstance(tensor, Tensor) and kwargs.get("requires_grad") is True:
        machine.tape.requires_grad_(tensor, True, machine.site())
    return tensor


def tensor(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`torch.tensor(data)`: always new memory, outside any history."""
    data = args[0] if args else kwargs.get("data")
    dtype = kwargs.get("dtype")
    if isinstance(data, Tensor):
        geometry = fresh_geometry(data.geometry.shape, _dtype(dtype, data.geometry.dtype))
    else:
        geometry = _literal(data)
        if isinstance(dtype, Dtype):
            geometry = replace(geometry, dtype=dtype.name)
        elif geometry.dtype is None and kwargs.get("requires_grad") is True:
            geometry = replace(geometry, dtype="float32")
    made = machine.tape.tensor(machine.site(), geometry=geometry, operator="tensor")
    machine.tensors.fills.note(made, machine.tensors.fills.of(data))
    return _with_grad(machine, made, kwargs)


def _literal(data: Value) -> Geometry:
    found = literal_geometry(_with_geometries(data))
    return found if found is not None else fresh_geometry(None, None)


def _with_geometries(data: Value) -> object:
    if isinstance(data, Tensor):
        return data.geometry
    if isinstance(data, (list, tuple)):
        return [_with_geometries(part) for part in data]
    return data


def as_tensor(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`torch.as_tensor(data)`: the tensor itself, or new memory; an array's memory is shared."""
    data = args[0] if args else kwargs.get("data")
    if isinstance(data, Tensor):
        dtype = kwargs.get("dtype", args[1] if len(args) > 1 else None)
        if machine.tensors.is_array(data):
            return from_numpy(machine, [data], {})
        if isinstance(dtype, Dtype) and dtype.name != data.geometry.dtype:
            return machine.tensors.method(data, "to", [dtype], {})
        return data
    if isinstance(data, Unknown):
        return Unknown()
    return tensor(machine, args, kwargs)


def from_numpy(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`torch.from_numpy(array)`: the array's memory under a counter of its own."""
    array = args[0]
    if not isinstance(array, Tensor):
        return machine.tape.tensor(machine.site(), geometry=fresh_geometry(None, None), operator="from_numpy")
    return machine.tape.from_numpy(array, machine.site())


def legacy(machine: Machine, args: list[Value], dtype: str) -> Value:
    """`torch.FloatTensor(…)`: of sizes, or of data."""
    if args and all(isinstance(a, (int, Unknown)) for a in args):
        shape = tuple(a if isinstance(a, int) else None for a in args)
        return machine.tape.tensor(machine.site(), geometry=fresh_geometry(shape, dtype), operator="Tensor")
    if args and isinstance(args[0], Tensor):
        return machine.tape.detach(args[0], machine.site()) if not machine.tensors.is_array(args[0]) else args[0]
    if args and isinstance(args[0], tuple):
        # Sizes, if it is a `torch.Size`, which is a tuple here, else data.
        return machine.tape.tensor(machine.site(), geometry=fresh_geometry(None, dtype), operator="Tensor")
    geometry = _literal(args[0]) if args else fresh_geometry((0,), dtype)
    return machine.tape.tensor(machine.site(), geometry=replace(geometry, dtype=dtype), operator="Tensor")
