"""Names of torch that are neither operators nor modelled in the prelude: classes of tensors, dtypes, constants."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from gradguard.interpreter.torch import creation
from gradguard.interpreter.torch.einsum import einsum
from gradguard.interpreter.values import ClassValue, Dtype, NativeFunction, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

_DTYPES = {
    "float32": ("float32", "float"),
    "float64": ("float64", "double"),
    "float16": ("float16", "half"),
    "bfloat16": ("bfloat16",),
    "int64": ("int64", "long"),
    "int32": ("int32", "int"),
    "int16": ("int16", "short"),
    "int8": ("int8",),
    "uint8": ("uint8",),
    "bool": ("bool",),
    "complex64": ("complex64", "cfloat"),
    "complex128": ("complex128", "cdouble"),
}
DTYPES = {spelling: Dtype(name) for name, spellings in _DTYPES.items() for spelling in spellings}

TYPED = {
    "FloatTensor": "float32",
    "DoubleTensor": "float64",
    "HalfTensor": "float16",
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
}


def _new_tensor(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`torch.Tensor(…)`, and `Variable(data, requires_grad)`, which is the same class: an alias of the data, a leaf."""
    data = args[0] if args else kwargs.get("data")
    if not isinstance(data, Tensor):
        return creation.legacy(machine, args, "float32")
    made = creation.legacy(machine, [data], "float32")
    if kwargs.get("requires_grad", args[1] if len(args) > 1 else False) is True:
        machine.tape.requires_grad_(made, True, machine.site())
        machine.report_hazards()
    return made


def _new_parameter(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    data = args[0] if args else kwargs.get("data")
    flag = kwargs.get("requires_grad", args[1] if len(args) > 1 else True)
    return machine.tensors.parameter(data, flag is not False)


def _new_buffer(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0] if args else kwargs.get("data")


TENSOR = ClassValue("Tensor", (), {}, native=_new_tensor)
PARAMETER = ClassValue("Parameter", (TENSOR,), {}, native=_new_parameter)
BUFFER = ClassValue("Buffer", (TENSOR,), {}, native=_new_buffer)
ARRAY = ClassValue("ndarray", (), {}, native=_new_tensor)


@lru_cache(maxsize=1)
def torch_natives() -> dict[str, Value]:
    """Dotted name to value."""
    names: dict[str, Value] = {f"torch.{spelling}": dtype for spelling, dtype in DTYPES.items()}
    names.update(
        {
            "torch.Tensor": TENSOR,
            "torch.nn.Parameter": PARAMETER,
            "torch.nn.parameter.Parameter": PARAMETER,
            "torch.nn.Buffer": BUFFER,
            "torch.nn.parameter.Buffer": BUFFER,
            "torch.pi": math.pi,
            "torch.e": math.e,
            "torch.inf": math.inf,
            "torch.nan": math.nan,
            "torch.newaxis": None,
            "torch.strided": Dtype("strided"),
            "torch.contiguous_format": Dtype("contiguous_format"),
            "torch.channels_last": Dtype("channels_last"),
            "torch.preserve_format": Dtype("preserve_format"),
            "torch.Size": NativeFunction(
                "Size", lambda machine, args, kwargs: tuple(machine.listed(args[0]) or ()) if args else ()
            ),
            "torch.tensor": NativeFunction("tensor", creation.tensor),
            "torch.as_tensor": NativeFunction("as_tensor", creation.as_tensor),
            "torch.asarray": NativeFunction("asarray", creation.as_tensor),
            "torch.from_numpy": NativeFunction("from_numpy", creation.from_numpy),
            "torch.from_dlpack": NativeFunction("from_dlpack", creation.from_numpy),
            "torch.einsum": NativeFunction("einsum", einsum),
            "torch.is_tensor": NativeFunction(
                "is_tensor", lambda machine, args, kwargs: machine.is_instance(args[0], TENSOR)
            ),
            "torch.numel": NativeFunction(
                "numel", lambda machine, args, kwargs: machine.tensors.method(args[0], "numel", [], {})
            ),
            "torch.is_grad_enabled": NativeFunction(
                "is_grad_enabled", lambda machine, args, kwargs: machine.tape.grad_mode
            ),
        }
    )
    for name, dtype in TYPED.items():
        names[f"torch.{name}"] = ClassValue(
            name,
            (TENSOR,),
            {},
            native=lambda machine, args, kwargs, dtype=dtype: creation.legacy(machine, args, dtype),
        )
    return names
