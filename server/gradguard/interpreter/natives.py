"""Methods of Python's own types, on values that stand for themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter.constants import NOT_HOST, host_value, is_modest
from gradguard.interpreter.containers import METHODS, method
from gradguard.interpreter.operations import is_plain
from gradguard.interpreter.values import (
    BoundMethod,
    Dtype,
    GeneratorValue,
    NativeFunction,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Method = Callable[["Machine", list[Value], dict[str, Value]], Value]


# The fields of what `max(dim)`, `sort`, `linalg.svd` and their like return (torch.return_types).
RESULT_NAMES = {
    "values": 0,
    "eigenvalues": 0,
    "sign": 0,
    "Q": 0,
    "U": 0,
    "LU": 0,
    "solution": 0,
    "indices": 1,
    "eigenvectors": 1,
    "logabsdet": 1,
    "R": 1,
    "S": 1,
    "pivots": 1,
    "Vh": 2,
    "V": 2,
}


def native_attribute(machine: Machine, value: Value, name: str) -> Value | None:
    """The attribute `name` of a native value (methods bound to it), or None if there is none that is modelled."""
    if isinstance(value, slice) and name in ("start", "stop", "step"):
        return getattr(value, name)
    if isinstance(value, (int, float, complex)) and name in ("real", "imag", "numerator", "denominator"):
        return getattr(value, name, None)
    if isinstance(value, Dtype):
        return _dtype_attribute(value, name)
    if isinstance(value, tuple) and name in RESULT_NAMES and RESULT_NAMES[name] < len(value):
        return value[RESULT_NAMES[name]]
    if name == "__class__":
        return machine.type_of(value)
    for host in type(value).__mro__:
        method = METHODS.get(host, {}).get(name)
        if method is not None:
            return BoundMethod(method, value)
    if isinstance(value, (str, bytes, int, float, range, tuple)) and hasattr(value, name):
        return NativeFunction(name, lambda machine, args, kwargs: _host_method(machine, value, name, args, kwargs))
    return None


def _dtype_attribute(dtype: Dtype, name: str) -> Value | None:
    if name == "is_floating_point":
        return dtype.name.startswith(("float", "bfloat"))
    if name == "is_complex":
        return dtype.name.startswith("complex")
    return None


def _host_method(machine: Machine, value: Value, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method of an immutable host value; unknown if an argument is."""
    converted = [host_value(argument) for argument in args]
    if any(c is NOT_HOST for c in converted) or not all(is_plain(v) for v in kwargs.values()):
        return Unknown()
    if name in ("__mul__", "__rmul__", "__pow__", "to_bytes", "__lshift__"):
        return Unknown()
    if name in ("ljust", "rjust", "center", "zfill", "expandtabs") and any(not is_modest(str(c)) for c in converted):
        return Unknown()
    try:
        result = getattr(value, name)(*converted, **kwargs)
    except Exception:
        return Unknown()
    return result if is_plain(result) else Unknown()


# --- str, generators ------------------------------------------------------------------------------------------------


@method(str, "join")
def _join(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[1])
    if items is None or not all(isinstance(item, str) for item in items):
        return Unknown()
    return args[0].join(items)


@method(str, "format")
def _format(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if host_value((*args[1:], *kwargs.values())) is NOT_HOST or not is_modest(args[0]):
        return Unknown()
    try:
        return args[0].format(*args[1:], **kwargs)
    except (IndexError, KeyError, ValueError, AttributeError, TypeError):
        return Unknown()


@method(GeneratorValue, "__next__")
def _next(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.next_item(args[0])


@method(GeneratorValue, "__iter__")
def _self(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0]


@method(GeneratorValue, "send")
def _send(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].sent = args[1]
    return machine.next_item(args[0])


@method(GeneratorValue, "close")
def _close(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].source = iter(())
