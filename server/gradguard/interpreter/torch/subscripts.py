"""Subscripts of tensors: reading and writing what an index selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.torch.arguments import geometry_of
from gradguard.interpreter.values import Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import index_geometry

if TYPE_CHECKING:
    from gradguard.interpreter.torch.tensors import Tensors


def get_item(tensors: Tensors, tensor: Tensor, index: Value) -> Value:
    """`tensor[index]`."""
    machine = tensors.machine
    machine.operations += 1
    geometry, is_view = index_geometry(tensor.geometry, geometry_of(index))
    if tensors.is_array(tensor):
        return tensors.view_of_array(tensor, geometry) if is_view else tensors.array(geometry)
    if is_view is None:
        is_view = _ordinary_index(index)
    if is_view:
        result = machine.tape.view(tensor, machine.site(), "[]", "SliceBackward0", geometry)
        machine.report_hazards()
        return result
    if is_view is None:
        return Unknown()
    return _gathered(tensors, tensor, index, geometry)


def _ordinary_index(index: Value) -> bool | None:
    """An unknown index inside slices and numbers is ordinarily a number, so the result a view; alone it may be anything."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, Tensor) for part in parts):
        return None
    return True if any(isinstance(part, slice) or part is Ellipsis for part in parts) else None


def _gathered(tensors: Tensors, tensor: Tensor, index: Value, geometry: Geometry) -> Value:
    operator = tensors.machine.catalog.operator("index.Tensor")
    assert operator is not None
    arguments: dict[str, Value] = {"self": tensor, "indices": _index_tensors(index)}
    results = tensors.machine.tape.apply(
        operator, arguments, tensors.machine.site(), results=(geometry,), as_view=False
    )
    tensors.machine.report_hazards()
    return results[0]


def set_item(tensors: Tensors, tensor: Tensor, index: Value, value: Value) -> None:
    """`tensor[index] = value`: a write to the view that a basic index makes, `index_put_` for the others."""
    machine = tensors.machine
    machine.operations += 1
    site = machine.site(tensors.write_kind("setitem"))
    if tensors.is_array(tensor):
        machine.tape.write_past_counter(tensor, site, "numpy", "[]=")
        return
    geometry, is_view = index_geometry(tensor.geometry, geometry_of(index))
    whole = index is Ellipsis or index == slice(None) if not isinstance(index, Tensor) else False
    if is_view is None:
        is_view = _ordinary_index(index)
    others = [value] if isinstance(value, Tensor) else []
    if is_view is False:
        operator = machine.catalog.operator("index_put_")
        assert operator is not None
        arguments: dict[str, Value] = {"self": tensor, "indices": _index_tensors(index), "values": value}
        machine.tape.apply(operator, arguments, site, results=(tensor.geometry,), as_view=None)
    elif is_view is None:
        machine.tape.write(tensor, site, others=others)
    else:
        target = tensor
        if not whole:
            target = machine.tape.view(tensor, site, "[]", "SliceBackward0", geometry)
        # A number is made a tensor of no dimension first, so this is `copy_` too; of a tensor to itself it only counts.
        if target is value:
            machine.tape.bump(target, site, "copy_")
        else:
            machine.tape.write(target, site, others=others)
    machine.report_hazards()


def _index_tensors(index: Value) -> list[Value]:
    parts = index if isinstance(index, tuple) else (index,)
    return [part for part in parts if isinstance(part, Tensor)]
