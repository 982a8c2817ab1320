"""Methods that give a tensor in another form, which may be the tensor itself: of another dtype, reshaped, in pieces."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradguard.interpreter.torch.creation import fresh_geometry
from gradguard.interpreter.torch.methods import Method, registering
from gradguard.interpreter.values import Dtype, Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import is_contiguous, is_viewable, preserved

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

CONVERSIONS: dict[str, Method] = {}
method = registering(CONVERSIONS)


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
