"""Which operators a public name of torch calls, in the order in which torch's argument parser tries them.

For names bound in C++ the order and the argument positions come from torch's binding generator (deprecated signatures
such as `torch.add(x, alpha, y)` included); for operators (`x + y`) from the method table in its template. The few that
`torch/_tensor.py` writes in Python are listed here and checked against torch by the tests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from tools.facts.generated_code import DEPRECATED, NATIVE_FUNCTIONS, overload_name
from torchgen.packaged.autograd import gen_python_functions as bindings

from gradguard.torchfacts.operator import Argument, Operator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torchgen.api.python import PythonSignature, PythonSignatureGroup
    from torchgen.model import NativeFunction

# (prefix of the public name, does an operator belong there, is it called as a method)
_PLACES = (
    ("torch.", bindings.is_py_torch_function, False),
    ("Tensor.", bindings.is_py_variable_method, True),
    ("torch._C._nn.", bindings.is_py_nn_function, False),
    ("torch.linalg.", bindings.is_py_linalg_function, False),
    ("torch.fft.", bindings.is_py_fft_function, False),
    ("torch.special.", bindings.is_py_special_function, False),
)
_MODULE_PREFIXES = {"torch.linalg.": "linalg_", "torch.fft.": "fft_", "torch.special.": "special_"}

_TEMPLATE = NATIVE_FUNCTIONS.parents[2] / "autograd/templates/python_variable_methods.cpp"
_TEMPLATE_OPERATOR = re.compile(r'\{"(__\w+__)", castPyCFunctionWithKeywords\(\w+<THPVariable_(\w+)>\)')

# torch/_tensor.py: the operator, the name it forwards to, and whether it swaps its operands.
_PYTHON_OPERATORS = {
    "__rsub__": ("torch.rsub", False),
    "__itruediv__": ("Tensor.div_", False),
    "__pow__": ("Tensor.pow", False),
    "__ipow__": ("Tensor.pow_", False),
    "__rpow__": ("torch.pow", True),
    "__rmod__": ("torch.remainder", True),
    "__floordiv__": ("torch.floor_divide", False),
    "__rfloordiv__": ("torch.floor_divide", True),
    "__rlshift__": ("torch.bitwise_left_shift", True),
    "__rrshift__": ("torch.bitwise_right_shift", True),
    "__rmatmul__": ("torch.matmul", True),
    "__pos__": ("Tensor.positive", False),
    "__neg__": ("Tensor.neg", False),
    "__abs__": ("Tensor.abs", False),
    "__invert__": ("Tensor.bitwise_not", False),
}

# Bound by hand in C++: the generator skips them, their schemas fit the Python calls.
_HAND_BOUND = {
    "Tensor.contiguous": ("contiguous",),
    "Tensor.copy_": ("copy_",),
    "Tensor.to": ("to.other", "to.dtype", "to.device", "to.dtype_layout"),
    "Tensor.set_": ("set_", "set_.source_Tensor", "set_.source_Storage", "set_.source_Storage_storage_offset"),
    "Tensor.split": ("split.Tensor", "split_with_sizes"),
    "Tensor.T": ("numpy_T",),
    "Tensor.H": ("matrix_H",),
    "Tensor.mT": ("mT",),
    "Tensor.mH": ("mH",),
    "Tensor.real": ("real",),
    "Tensor.imag": ("imag",),
    "Tensor.nonzero": ("nonzero",),
    "torch.nonzero": ("nonzero",),
    "torch.split": ("split.Tensor", "split_with_sizes"),
}


def bound_names(functions: Iterable[NativeFunction], operators: dict[str, Operator]) -> dict[str, list[str]]:
    """Every public name bound in C++, with its candidates.

    A candidate is `overload`, or `overload(a,b=,c)` where Python passes the positional arguments in another order than
    the operator lists them (`=`: may be left out). The out= form of an overload stands before it.
    """
    bindable = [f for f in functions if bindings.should_generate_py_binding(f)]
    names: dict[str, list[str]] = {}
    for prefix, belongs, is_method in _PLACES:
        pairs = bindings.load_signatures(bindable, str(DEPRECATED), method=is_method)
        groups = bindings.group_filter_overloads(pairs, belongs)
        for base, overloads in groups.items():
            public = prefix + str(base).removeprefix(_MODULE_PREFIXES.get(prefix, ""))
            candidates: list[str] = []
            for group in bindings.group_overloads(overloads):
                candidates += _candidates(group, operators, is_method)
            names[public] = candidates
    names.update({name: list(overloads) for name, overloads in _HAND_BOUND.items()})
    for operator, (target, swapped) in _operators().items():
        if target in names:
            names[operator] = [c for reference in names[target] for c in _as_operator(reference, operators, swapped)]
    return {
        name: candidates
        for name, candidates in names.items()
        if _exists(name)
        and not (_is_private(name) and _unknown(candidates, operators))
        and not _is_for_torchs_tests(name)
    }


def _unknown(candidates: Iterable[str], operators: dict[str, Operator]) -> bool:
    return not any(operators[candidate.partition("(")[0]].known for candidate in candidates)


def _is_private(name: str) -> bool:
    """Internals; the `_foreach_` and `_fused_` functions are what optimizers are made of."""
    last = name.rpartition(".")[2]
    return last.startswith("_") and not last.startswith(("__", "_foreach_", "_fused_"))


def _is_for_torchs_tests(name: str) -> bool:
    return name.rpartition(".")[2].startswith(("_test_", "_foobar", "_nested_"))


def _exists(name: str) -> bool:
    """Whether the installed torch has `name` (schemas exist for functions that no build binds)."""
    owner: object = torch
    for part in (name if name.startswith("torch") else "torch." + name).split(".")[1:]:
        owner = getattr(owner, part, None)
        if owner is None:
            return name.startswith("Tensor.") and hasattr(torch.Tensor, name.removeprefix("Tensor."))
    return True


def _candidates(group: PythonSignatureGroup, operators: dict[str, Operator], is_method: bool) -> list[str]:
    found = []
    for function in (group.outplace, group.base):
        if function is not None:
            name = overload_name(function)
            found.append(name + _order(group.signature, operators[name], is_method))
    return found


def _order(signature: PythonSignature, operator: Operator, is_method: bool) -> str:
    """How Python's positional arguments differ from the operator's: `(a,b=)`, or nothing if they do not."""
    wanted = ["self"] if is_method else []
    wanted += [a.name + ("" if a.default is None else "=") for a in signature.input_args]
    listed = [a.name + ("" if a.required else "=") for a in operator.arguments if not a.keyword_only]
    return "" if wanted == listed else f"({','.join(wanted)})"


def _operators() -> dict[str, tuple[str, bool]]:
    found = {f"Tensor.{name}": (target, swapped) for name, (target, swapped) in _PYTHON_OPERATORS.items()}
    for name, target in _TEMPLATE_OPERATOR.findall(_TEMPLATE.read_text()):
        found.setdefault(f"Tensor.{name}", (f"Tensor.{'eq' if target == '__eq__' else target}", False))
    return found


def _as_operator(reference: str, operators: dict[str, Operator], swapped: bool) -> list[str]:
    """`reference` as an operator of two operands (or one) tries it; an operator passes no out= and no alpha."""
    if "(" in reference or "out" in operators[reference].writes:
        return []
    if not swapped:
        return [reference]
    positional = [a.name for a in operators[reference].arguments if not a.keyword_only]
    return [f"{reference}({positional[1]},{positional[0]})"] if len(positional) == 2 else []


def by_overload(names: dict[str, list[str]]) -> dict[str, list[str]]:
    """The public names under which each overload can be called."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, candidates in names.items():
        for candidate in candidates:
            found[candidate.partition("(")[0]].append(name)
    return dict(found)


def with_python_options(functions: Iterable[NativeFunction], operators: dict[str, Operator]) -> dict[str, Operator]:
    """`operators` with the options that Python adds to factories (`requires_grad=`, which no schema has)."""
    extended = dict(operators)
    bindable = [f for f in functions if bindings.should_generate_py_binding(f)]
    for pair in bindings.load_signatures(bindable, str(DEPRECATED), method=False, skip_deprecated=True):
        if any(option.name == "requires_grad" for option in pair.signature.tensor_options_args):
            name = overload_name(pair.function)
            option = Argument("requires_grad", "number", keyword_only=True, required=False, type="bool?")
            extended[name] = replace(extended[name], arguments=(*extended[name].arguments, option))
    return extended
