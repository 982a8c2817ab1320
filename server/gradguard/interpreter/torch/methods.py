"""Methods of tensors that are more than an operator: `backward`, `detach`, `item`, `resize_`, numpy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter.torch.creation import fresh_geometry, legacy
from gradguard.interpreter.values import Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import is_contiguous

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Method = Callable[["Machine", Tensor, list[Value], dict[str, Value]], Value]
METHODS: dict[str, Method] = {}


def registering(models: dict[str, Method]) -> Callable[..., Callable[[Method], Method]]:
    """A decorator, given a method's names, that enters its model into `models`."""

    def method(*names: str) -> Callable[[Method], Method]:
        def register(function: Method) -> Method:
            models.update(dict.fromkeys(names, function))
            return function

        return register

    return method


method = registering(METHODS)


@method("backward")
def _backward(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    names = ("gradient", "retain_graph", "create_graph", "inputs")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    create = given.get("create_graph") is True
    retain = given.get("retain_graph")
    inputs = given.get("inputs")
    machine.tensors.backward(
        [tensor],
        [given.get("gradient")],
        create if retain is None else retain is not False,
        create,
        None if inputs is None else machine.listed(inputs) if not isinstance(inputs, Tensor) else [inputs],
    )


@method("detach")
def _detach(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tape.detach(tensor, machine.site())


@method("detach_")
def _detach_in_place(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.tape.detach_(tensor, machine.site("method"))
    machine.report_hazards()
    return tensor


@method("requires_grad_")
def _requires_grad(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    flag = kwargs.get("requires_grad", args[0] if args else True)
    if isinstance(flag, bool):
        machine.tape.requires_grad_(tensor, flag, machine.site())
        machine.report_hazards()
    return tensor


@method("retain_grad")
def _retain_grad(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.tape.retain_grad(tensor, machine.site())
    machine.report_hazards()


@method("item", "__float__", "__int__", "__bool__", "__index__")
def _item(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = machine.tensors.fills.of(tensor)
    return Unknown(number=True) if known is None else known


@method("tolist", "data_ptr")
def _numbers(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown(number=True)


@method("size")
def _size(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    sizes = machine.get_attribute(tensor, "shape")
    dim = kwargs.get("dim", args[0] if args else None)
    if dim is None or isinstance(sizes, Unknown):
        return sizes if dim is None else Unknown(("size", tensor, dim) if isinstance(dim, int) else None, number=True)
    return machine.get_item(sizes, dim)


@method("dim", "ndimension")
def _dim(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.get_attribute(tensor, "ndim")


@method("numel", "nelement")
def _numel(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.get_attribute(tensor, "size_")


@method("is_contiguous")
def _is_contiguous(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = is_contiguous(tensor.geometry)
    return Unknown(("is_contiguous", tensor)) if known is None else known


@method("is_floating_point")
def _is_floating(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = tensor.geometry.floating
    return Unknown(("floating", tensor)) if known is None else known


@method(
    "stride", "storage_offset", "get_device", "element_size", "type_", "is_shared", "__hash__", "__repr__", "__format__"
)
def _opaque(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown()


@method("__len__")
def _len(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.length(tensor)


@method("__getitem__")
def _getitem(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.get_item(tensor, args[0])


@method("__setitem__")
def _setitem(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.tensors.set_item(tensor, args[0], args[1])


@method("__iter__")
def _iter(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    pieces = machine.listed(tensor)
    return Unknown() if pieces is None else pieces


@method("resize_", "resize_as_")
def _resize(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Counts as a write only if the size changes."""
    sizes = args[0] if args and not isinstance(args[0], (int, Unknown)) else kwargs.get("size", tuple(args))
    wanted = sizes.geometry.shape if isinstance(sizes, Tensor) else sizes
    shape = tuple(wanted) if isinstance(wanted, (list, tuple)) and all(isinstance(n, int) for n in wanted) else None
    if shape is None or tensor.geometry.shape is None or None in tensor.geometry.shape:
        machine.tape.forget([tensor])
        return tensor
    changes = shape != tensor.geometry.shape
    geometry = fresh_geometry(shape, tensor.geometry.dtype) if changes else tensor.geometry
    machine.tape.resize_(tensor, machine.site("method"), geometry, changes=changes)
    machine.report_hazards()
    return tensor


@method("fill_diagonal_")
def _fill_diagonal(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    # Written in torch as a fill of a view (ATen/native/Fill.cpp), and refused as one.
    vague = Geometry(None, None, None, tensor.geometry.dtype)
    diagonal = machine.tape.view(tensor, machine.site(), "fill_diagonal_", "AsStridedBackward0", vague)
    machine.tape.write(diagonal, machine.site("method"), operator="fill_")
    machine.report_hazards()
    return tensor


@method("fill", "put", "partition", "itemset", "setfield", "byteswap")
def _array_write(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """numpy's methods that write in place."""
    if machine.tensors.is_array(tensor):
        machine.tape.write_past_counter(tensor, machine.site("method"), "numpy", "fill")
    return None


@method("sort")
def _sort(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """numpy's sorts in place, torch's does not."""
    if machine.tensors.is_array(tensor):
        return _array_write(machine, tensor, args, kwargs)
    return machine.tensors.call("Tensor.sort", [tensor, *args], kwargs)


@method("new")
def _new(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return legacy(machine, args, tensor.geometry.dtype or "float32")


@method("copy")
def _copy(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.array(tensor.geometry)


# --- numpy ----------------------------------------------------------------------------------------------------------


@method("numpy", "__array__")
def _numpy(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    from gradguard.interpreter.torch.natives import ARRAY

    made = (
        tensor
        if machine.tensors.is_array(tensor)
        else machine.tape.numpy(tensor, machine.site(), force=kwargs.get("force") is True)
    )
    machine.tensors.classes[made] = ARRAY
    return made


@method("untyped_storage", "storage")
def _storage(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown()


@method("share_memory_", "as_subclass")
def _alias(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return tensor


@method("set_")
def _set(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if args and isinstance(args[0], Tensor):
        machine.tape.set_(tensor, args[0], machine.site("method"))
        machine.report_hazards()
    else:
        machine.tape.forget([tensor])
    return tensor


@method("apply_", "map_", "map2_")
def _apply(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.tape.write_past_counter(tensor, machine.site("method"), "storage", "apply_")
    return tensor


@method("register_hook", "register_post_accumulate_grad_hook")
def _register_hook(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.register_hook(tensor, args[0] if args else None)


@method("__deepcopy__")
def _deepcopy(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.deepcopy(tensor)
