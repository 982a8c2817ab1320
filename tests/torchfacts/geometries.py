"""Geometries of real tensors, and the calls that torch makes of its operators, for comparison with the shape rules."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import torch
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._python_dispatch import TorchDispatchMode

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes.names import base_name

# A call: the operator's name, its arguments as the rules take them, and the geometry of the results.
Call = tuple[str, dict[str, object], tuple[Geometry, ...]]


def geometry_of(tensor: torch.Tensor) -> Geometry:
    """Everything that a Geometry can say of `tensor`."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    return Geometry(tuple(tensor.shape), tensor.stride(), tensor.storage_offset(), dtype)


def abstract(value: object) -> object:
    """An argument as the rules take it: tensors as geometries, dtypes by name."""
    if isinstance(value, torch.Tensor):
        return geometry_of(value)
    if isinstance(value, list):
        return [abstract(item) for item in value]
    if isinstance(value, tuple):
        return tuple(abstract(item) for item in value)
    if isinstance(value, slice):
        return slice(abstract(value.start), abstract(value.stop), abstract(value.step))
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    return value


def results_of(returned: object) -> tuple[Geometry, ...] | None:
    """The geometries of what a call returned; None if that is not strided tensors alone."""
    results = returned if isinstance(returned, (tuple, list)) else (returned,)
    if not all(isinstance(item, torch.Tensor) and item.layout is torch.strided for item in results):
        return None
    return tuple(geometry_of(item) for item in results)


class RecordedCalls(TorchDispatchMode):
    """Records the ATen operators that run inside it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        kwargs = kwargs or {}
        names = [argument.name for argument in func._schema.arguments]
        # Before the call: an in-place operator may change what its operand looks like.
        arguments = {name: abstract(value) for name, value in [*zip(names, args, strict=False), *kwargs.items()]}
        returned = func(*args, **kwargs)
        results = results_of(returned)
        if results is not None and func.namespace == "aten":
            self.calls.append((str(func).removeprefix("aten.").removesuffix(".default"), arguments, results))
        return returned


class RecordedFunctions(TorchFunctionMode):
    """Records the public functions and methods of torch that are called inside it, not what they call in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        kwargs = kwargs or {}
        name = resolve_name(func) or ""
        arguments = public_arguments(func, name, args, kwargs)
        returned = func(*args, **kwargs)
        results = results_of(returned)
        if arguments is not None and results is not None:
            self.calls.append((name, arguments, results))
        return returned


def public_arguments(
    function: Callable[..., object], name: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> dict[str, object] | None:
    """The arguments of a public call by name: from the Python signature, else from the ATen overload that takes them."""
    if name.endswith(".__get__"):
        return {"self": abstract(args[0])}
    aten_name, _ = base_name(name)
    try:
        parameters = inspect.signature(function).parameters
        bound = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return _by_schema(aten_name, args, kwargs)
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    if any(parameters[name].kind in variadic for name in bound):
        return _by_schema(aten_name, args, kwargs)
    return {name: abstract(value) for name, value in bound.items()}


def _by_schema(name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> dict[str, object] | None:
    try:
        overload = torch._C._jit_resolve_packet(f"aten::{name}", *args, **kwargs)
    except (RuntimeError, TypeError):
        return None
    schema = getattr(getattr(torch.ops.aten, name), overload)._schema
    given = zip([argument.name for argument in schema.arguments], args, strict=False)
    return {name: abstract(value) for name, value in [*given, *kwargs.items()]}


def disagreement(found: tuple[Geometry, ...], wanted: tuple[Geometry, ...], exact: bool = True) -> str | None:
    """What `found` claims that is not so in `wanted`; None if all its claims hold.

    An unknown size counts as not 0, so the strides of a tensor that turns out empty are not compared. Unless `exact`, the
    strides of dimensions of size 1 are not compared either: they do not count for anything that torch computes.
    """
    if len(found) != len(wanted):
        return f"{len(found)} results, not {len(wanted)}"
    for one, true in zip(found, wanted, strict=True):
        assert true.shape is not None and true.strides is not None
        if one.shape is not None:
            if len(one.shape) != len(true.shape):
                return f"rank of {one}, not {true}"
            if any(size is not None and size != length for size, length in zip(one.shape, true.shape, strict=True)):
                return f"shape of {one}, not {true}"
        if one.dtype is not None and one.dtype != true.dtype:
            return f"dtype of {one}, not {true}"
        if one.shape is not None and None in one.shape and 0 in true.shape:
            continue
        if one.strides is not None and not _same_strides(one.strides, true, exact):
            return f"strides of {one}, not {true}"
        if one.contiguous and not _contiguous(true):
            return f"contiguity of {one}, not {true}"
        if one.offset is not None and one.offset != true.offset:
            return f"offset of {one}, not {true}"
    return None


def _same_strides(strides: tuple[int, ...], true: Geometry, exact: bool) -> bool:
    assert true.shape is not None and true.strides is not None
    if exact:
        return strides == true.strides
    return 0 in true.shape or all(
        size == 1 or one == two for size, one, two in zip(true.shape, strides, true.strides, strict=True)
    )


def _contiguous(true: Geometry) -> bool:
    assert true.shape is not None and true.strides is not None
    return torch.empty_strided(true.shape, true.strides, device="meta").is_contiguous()
