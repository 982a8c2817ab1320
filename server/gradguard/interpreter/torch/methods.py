"""Methods of tensors that are more than an operator: `backward`, `detach`, `item`, conversions, numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gradguard.interpreter.torch.creation import fresh_geometry, legacy
from gradguard.interpreter.values import Dtype, Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import is_contiguous, is_viewable, preserved

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Method = Callable[["Machine", Tensor, list[Value], dict[str, Value]], Value]
METHODS: dict[str, Method] = {}


def method(*names: str) -> Callable[[Method], Method]:
    """Register the model of a method under its names."""

    def register(function: Method) -> Method:
        for name in names:
            METHODS[name] = function
        return function

    return register


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


# --- conversions: the same object where nothing changes -------------------------------------------------------------


def converted(machine: Machine, tensor: Tensor, dtype: str | None, copy: bool = False) -> Value:
    """`tensor.to(dtype)`: the tensor itself if it has that dtype already, else a copy that the gradient flows through."""
    own = tensor.geometry.dtype
    if not copy and (dtype is None or dtype == own):
        return tensor
    if own is None and dtype is not None and not copy:
        # Whether this is the tensor itself or a copy is not known.
        return tensor if dtype.startswith("float") else Unknown()
    geometry = preserved(tensor.geometry, dtype or own)
    if machine.tensors.is_array(tensor):
        return machine.tensors.array(geometry)
    operator = machine.catalog.operator("_to_copy")
    if operator is None:
        return Unknown()
    result = machine.tape.apply(operator, {"self": tensor}, machine.site(), results=(geometry,), as_view=None)[0]
    machine.report_hazards()
    machine.tensors.fills.note(result, machine.tensors.fills.of(tensor))
    return result


@method("to")
def _to(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    dtype: str | None = None
    for value in (*args, *kwargs.values()):
        if isinstance(value, Dtype):
            dtype = value.name
        elif isinstance(value, Tensor):
            dtype = value.geometry.dtype
    copy = kwargs.get("copy") is True or (len(args) > 3 and args[3] is True)
    return converted(machine, tensor, dtype, copy)


@method("cpu", "cuda", "pin_memory", "mps", "xpu", "resolve_conj", "resolve_neg", "to_dense")
def _same(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return tensor


def _cast(name: str, dtype: str) -> None:
    @method(name)
    def cast(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
        return converted(machine, tensor, dtype)


for _name, _dtype in {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "bfloat16": "bfloat16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
    "bool": "bool",
    "cfloat": "complex64",
    "cdouble": "complex128",
}.items():
    _cast(_name, _dtype)


@method("type")
def _type(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    wanted = kwargs.get("dtype", args[0] if args else None)
    if isinstance(wanted, Dtype):
        return converted(machine, tensor, wanted.name)
    return Unknown()


@method("type_as")
def _type_as(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return converted(machine, tensor, args[0].geometry.dtype) if isinstance(args[0], Tensor) else Unknown()


@method("astype")
def _astype(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    dtype = args[0].name if args and isinstance(args[0], Dtype) else None
    return machine.tensors.array(replace(tensor.geometry, dtype=dtype))


@method("contiguous")
def _contiguous(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = is_contiguous(tensor.geometry)
    if known or (known is None and tensor.base is None):
        return tensor
    copied = machine.tensors.method(tensor, "clone", [], {})
    copied.geometry = fresh_geometry(tensor.geometry.shape, tensor.geometry.dtype)  # a bare clone keeps the strides
    if known is None:
        machine.tape.forget([copied])  # it may be the tensor itself
    return copied


@method("reshape", "reshape_as")
def _reshape(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    sizes = args[0] if args and not isinstance(args[0], (int, Unknown)) else kwargs.get("shape", tuple(args))
    return reshaped(machine, tensor, "reshape", {"shape": sizes.geometry.shape if isinstance(sizes, Tensor) else sizes})


@method("flatten", "ravel")
def _flatten(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    given = {**dict(zip(("start_dim", "end_dim"), args, strict=False)), **kwargs}
    sizes = tensor.geometry.shape
    if sizes is not None and len(sizes) == 1:
        return tensor
    return reshaped(machine, tensor, "flatten", given)


def reshaped(machine: Machine, tensor: Tensor, name: str, arguments: dict[str, Value]) -> Value:
    """What `reshape` and `flatten` give: a view where the strides allow it, else a copy; unknown memory where they are not known."""
    inferred = machine.tensors.inferred(name, {"self": tensor, **arguments})
    geometry = inferred[0] if inferred else Geometry(None, None, None, tensor.geometry.dtype)
    shape, own = geometry.shape, tensor.geometry
    as_view = is_contiguous(own) or None if shape is None else is_viewable(own, shape)
    if as_view is None and (own.strides is None or shape is None or None in shape):
        # A result of an ordinary operator is contiguous; a view of it whose strides are unknown may not be.
        as_view = True if tensor.base is None and tensor.parent is None else None
    if machine.tensors.is_array(tensor):
        return machine.tensors.view_of_array(tensor, geometry) if as_view else machine.tensors.array(geometry)
    if as_view is False:
        copied = machine.tensors.method(tensor, "clone", [], {})
        copied.geometry = geometry
        return copied
    result = machine.tape.view(tensor, machine.site(), name, "ViewBackward0", geometry)
    machine.report_hazards()
    if as_view is None:
        machine.tape.forget([result])
    return result


@method("chunk")
def _chunk(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    given = {**dict(zip(("chunks", "dim"), args, strict=False)), **kwargs}
    return pieces(machine, tensor, "chunk", given, given.get("chunks"))


@method("unbind")
def _unbind(machine: Machine, tensor: Tensor, args: list[Value], kwargs: dict[str, Value]) -> Value:
    given = {**dict(zip(("dim",), args, strict=False)), **kwargs}
    return pieces(machine, tensor, "unbind", given, None)


def pieces(machine: Machine, tensor: Tensor, name: str, arguments: dict[str, Value], count: Value) -> Value:
    """The views that `chunk` and `unbind` make of a tensor; a few of unknown shape where their number is unknown."""
    geometries = machine.tensors.inferred(name, {"self": tensor, **arguments})
    if geometries is None or not geometries:
        number = count if isinstance(count, int) and 0 < count < 64 else 3
        geometries = (Geometry(None, None, None, tensor.geometry.dtype),) * number
    node = "UnbindBackward0" if name == "unbind" else "SplitBackward0"
    results = machine.tape.views(tensor, machine.site(), name, node, geometries)
    machine.report_hazards()
    return tuple(results)


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
