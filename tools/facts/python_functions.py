"""What torch writes in Python (`torch.nn.functional.mse_loss`, `torch.einsum`, `Tensor.norm`) as operators still to be measured.

Their arguments are read off their Python signatures; what they save, write and return is `known` only after measuring.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional

from gradguard.torchfacts.encoding import argument_kind
from gradguard.torchfacts.operator import Argument, Operator

# Not operations on tensors: configuration, checks, dispatch machinery, control flow.
_EXCLUDED = frozenset(
    "assert_int_or_pair boolean_dispatch handle_torch_function has_torch_function has_torch_function_unary "
    "has_torch_function_variadic are_deterministic_algorithms_enabled broadcast_shapes compile compiled_with_cxx11_abi "
    "cond get_default_device get_deterministic_debug_mode get_file_path get_float32_matmul_precision get_rng_state "
    "initial_seed is_deterministic_algorithms_warn_only_enabled is_storage is_tensor is_warn_always_enabled load "
    "manual_seed prepare_multiprocessing_environment profiler_allow_cudagraph_cupti_lazy_reinit_cuda12 save seed "
    "set_default_device set_default_dtype set_default_tensor_type set_deterministic_debug_mode "
    "set_float32_matmul_precision set_printoptions set_rng_state set_warn_always sym_float sym_fresh_size sym_int "
    "sym_ite sym_max sym_min sym_not sym_sqrt sym_sum thread_safe_generator typename unravel_index "
    "use_deterministic_algorithms vmap while_loop classproperty from_dlpack eig lstsq matrix_rank solve symeig".split()
)
# They return their input, a view of it or something new as the probability, the mode and the rank say: more than a case
# tells. The models of torch's Python layer describe them.
_UNDESCRIBABLE = frozenset({"dropout1d", "dropout2d", "dropout3d"})
# Called without arguments or with options only; torch binds them by hand, without a schema.
_CASTS = "bfloat16 bool byte cdouble cfloat char cpu double float half int long short".split()
_METHODS = ("norm", "stft", "istft", "lu", "unique", "unique_consecutive")
_PYTHON_OPERATORS = ("__rdiv__", "__rtruediv__")

_HIDDEN_SIGNATURES: dict[str, Callable[..., Any]] = {
    "unique": torch.functional._unique_impl,
    "unique_consecutive": torch.functional._unique_consecutive_impl,
    "lu": torch.functional._lu_impl,
    "einsum": lambda equation, *operands: None,
}
_UNANNOTATED_TENSORS = frozenset({"input", "self", "x1", "x2", "a", "b"})
_TYPES = {"Tensor": "Tensor", "bool": "bool", "int": "int", "float": "float", "str": "str"}


def python_functions() -> Iterator[tuple[str, Callable[..., Any], Operator]]:
    """Public name, function, and the operator as far as its signature tells."""
    functional = torch.nn.functional
    for name in _public(functional):
        function = getattr(functional, name)
        if isinstance(function, types.FunctionType):
            # `boolean_dispatch` hides the signature; the function that returns the indices has it.
            yield _entry(f"torch.nn.functional.{name}", function, getattr(functional, f"{name}_with_indices", function))
    for name in _public(torch):
        function = getattr(torch, name)
        if isinstance(function, types.FunctionType) and name != "split":
            yield _entry(f"torch.{name}", function, _HIDDEN_SIGNATURES.get(name, function))
    for name in (*_METHODS, *_PYTHON_OPERATORS):
        method = getattr(torch.Tensor, name)
        yield _entry(f"Tensor.{name}", method, method)
    for name in _CASTS:
        arguments = (
            Argument("self", "tensor", type="Tensor"),
            Argument("memory_format", "other", keyword_only=True, required=False, type="MemoryFormat?"),
        )
        yield f"Tensor.{name}", getattr(torch.Tensor, name), _unmeasured(f"Tensor.{name}", arguments)


def builtin_functionals() -> dict[str, str]:
    """`torch.nn.functional` names that are C++ functions under another name: `…functional.conv2d` → `torch.conv2d`."""
    found = {}
    for name in _public(torch.nn.functional):
        function = getattr(torch.nn.functional, name)
        if isinstance(function, types.BuiltinFunctionType):
            for prefix, owner in (("torch.", torch), ("torch._C._nn.", torch._C._nn)):
                if getattr(owner, function.__name__, None) is function:
                    found[f"torch.nn.functional.{name}"] = prefix + function.__name__
    return found


def _public(owner: object) -> Iterator[str]:
    return (name for name in sorted(vars(owner)) if not name.startswith("_") and name not in _EXCLUDED | _UNDESCRIBABLE)


def _entry(
    name: str, function: Callable[..., Any], signed: Callable[..., Any]
) -> tuple[str, Callable[..., Any], Operator]:
    return name, function, _unmeasured(name, tuple(_arguments(inspect.signature(inspect.unwrap(signed)))))


def _unmeasured(name: str, arguments: tuple[Argument, ...]) -> Operator:
    return Operator(name, arguments, 1, None, (), (False,), (), (), known=False)


def _arguments(signature: inspect.Signature) -> Iterator[Argument]:
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        variadic = parameter.kind is parameter.VAR_POSITIONAL
        type_ = "Tensor[]" if variadic else _type(parameter)
        optional = parameter.default is not parameter.empty
        yield Argument(
            parameter.name,
            argument_kind(type_),
            parameter.kind is parameter.KEYWORD_ONLY,
            not optional,
            type_,
            variadic,
        )


def _type(parameter: inspect.Parameter) -> str:
    """Torch's word for the parameter's annotation; `Any` where it says nothing that tells overloads apart."""
    if parameter.annotation is parameter.empty and parameter.name in _UNANNOTATED_TENSORS:
        return "Tensor"
    if parameter.name == "dtype":
        return "ScalarType?"
    if parameter.name == "size":
        return "Any"  # `interpolate`'s overloads take an int or a list
    annotation = parameter.annotation
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    text = str(annotation) if "Optional" in str(annotation) or "|" in str(annotation) else text
    text = text.replace("torch.", "").replace("typing.", "")
    optional = "None" in text or text.startswith("Optional")
    for part in (" | None", "Optional[", "]", "None | "):
        text = text.replace(part, "")
    if text in _TYPES:
        return _TYPES[text] + ("?" if optional or parameter.default is None else "")
    if isinstance(parameter.default, bool):
        return "bool"
    return "Any"
