"""What torch's own code generator decides about each operator's autograd.

The wheel carries the generator (`torchgen`) with its tables (`native_functions.yaml`, `derivatives.yaml`). For every
operator it writes the C++ that builds the node; this module asks it for that C++ and reads off the node's class, its
edges, what it saves and on which edge each save depends. So the decisions are torch's, not a second reading of them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torchgen
from torchgen.api import cpp
from torchgen.api.autograd import NativeFunctionWithDifferentiabilityInfo, match_differentiability_info
from torchgen.context import native_function_manager
from torchgen.gen import parse_native_yaml
from torchgen.model import FunctionSchema, NativeFunction, SchemaKind
from torchgen.packaged.autograd import gen_variable_type
from torchgen.packaged.autograd.gen_inplace_or_view_type import VIEW_FUNCTIONS
from torchgen.packaged.autograd.load_derivatives import load_derivatives

from gradguard.torchfacts.encoding import argument_kind
from gradguard.torchfacts.operator import Argument, Operator, SavedArgument, ViewKind

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = Path(torchgen.__file__).parent / "packaged"
NATIVE_FUNCTIONS = _TABLES / "ATen/native/native_functions.yaml"
TAGS = _TABLES / "ATen/native/tags.yaml"
DERIVATIVES = _TABLES / "autograd/derivatives.yaml"
DEPRECATED = _TABLES / "autograd/deprecated.yaml"

_NODE = re.compile(r"grad_fn = c10::make_intrusive<(\w+)>")
_EDGES = re.compile(r"set_next_edges\(collect_next_edges\((.*?)\)\)")
_HISTORY = re.compile(
    r"(?:set|rebase)_history\(flatten_tensor_args\((.*?)\), grad_fn\)"
    r"|differentiable_outputs = flatten_tensor_args\((.*?)\)"
)
_GUARD = re.compile(r"if \((grad_fn->should_compute_output\(.*)\) \{$")
_GUARD_INDEX = re.compile(r"should_compute_output\((\d+)\)")
_SAVE = re.compile(r"grad_fn->(\w+)_ = (?:SavedVariable|make_saved_variable_list)\((.*)\);")

# Nodes that torch's hand-written C++ makes (VariableTypeManual.cpp); the generator knows nothing of them.
_HAND_WRITTEN_NODES = {"copy_": "CopyBackwards"}


def native_functions() -> list[NativeFunctionWithDifferentiabilityInfo]:
    """Every operator of the installed torch, with its derivative formulas where it has some."""
    functions = parse_native_yaml(str(NATIVE_FUNCTIONS), str(TAGS)).native_functions
    infos, _ = load_derivatives(str(DERIVATIVES), str(NATIVE_FUNCTIONS), str(TAGS))
    return match_differentiability_info(list(functions), infos)


def overload_name(function: NativeFunction) -> str:
    """`mul.Tensor`, `exp_`, `add.out`."""
    return str(function.func.func.name) if hasattr(function.func, "func") else str(function.func.name)


def is_composite(item: NativeFunctionWithDifferentiabilityInfo) -> bool:
    """Whether autograd on plain CPU tensors sees only the smaller operators that it is made of.

    A few (`linear`, `matmul`, `chunk`) have a derivative of their own for other backends, and are composite here.
    """
    return gen_variable_type.dispatch_strategy(item) == "use_type" or item.func.has_composite_implicit_autograd_kernel


def derive(item: NativeFunctionWithDifferentiabilityInfo) -> Operator:
    """The operator as its schema and, unless it is composite, its generated C++ describe it."""
    function = item.func
    name = overload_name(function)
    operator = _from_schema(function, name)
    if is_composite(item):
        # Where no tensor is returned or written there is nothing to find out.
        return replace(operator, known=not (operator.results or operator.writes))
    if name in _HAND_WRITTEN_NODES:
        tensors = tuple(a.name for a in operator.arguments if a.kind == "tensor")
        return replace(
            operator,
            node=_HAND_WRITTEN_NODES[name],
            differentiable=tensors,
            differentiable_results=(True,) * operator.results,
        )
    if function.func.kind() is SchemaKind.out:
        return operator
    if name in ("detach", "detach_"):
        # Hand-written as well: no node; the result shares memory and counter, and nothing is written.
        return replace(operator, writes=(), view="always", view_of="self")
    return _with_node(operator, item)


def _from_schema(function: NativeFunction, name: str) -> Operator:
    schema = function.func
    arguments = [
        Argument(
            a.name, argument_kind(str(a.type)), a in schema.arguments.flat_kwarg_only, a.default is None, str(a.type)
        )
        for a in schema.arguments.flat_non_out
    ]
    writes, bumps = _writes(schema, name)
    if schema.arguments.out:
        count = len(schema.arguments.out)
        arguments.append(
            Argument("out", "tensor" if count == 1 else "tensors", True, True, "Tensor" if count == 1 else "Tensor[]")
        )
        writes, bumps = ("out",), True
    tensor_results = [r for r in schema.returns if r.type.is_tensor_like()]
    returns_list = (
        len(schema.returns) == 1 and bool(tensor_results) and schema.returns[0].type.is_list_like() is not None
    )
    view, view_of = _view(function, returns_list)
    return Operator(
        name=name,
        arguments=tuple(arguments),
        results=len(tensor_results),
        node=None,
        differentiable=(),
        differentiable_results=(False,) * len(tensor_results),
        saved=(),
        saved_results=(),
        writes=writes,
        bumps=bumps,
        view=view,
        view_of=view_of,
        returns_list=returns_list,
    )


def _writes(schema: FunctionSchema, name: str) -> tuple[tuple[str, ...], bool]:
    """The written arguments, and whether their versions move.

    Versions move for arguments that are returned; `_foreach_*_` return nothing and move them nevertheless. A written argument
    beside a returned one is scratch space (`rrelu_with_noise_`) and left out.
    """
    written = {
        a.name: a.annotation.alias_set for a in schema.arguments.flat_all if a.annotation and a.annotation.is_write
    }
    returned = {alias for r in schema.returns if r.annotation is not None for alias in r.annotation.alias_set}
    counted = tuple(
        a for a, aliases in written.items() if returned.intersection(aliases) or name.startswith("_foreach_")
    )
    return counted or tuple(written), bool(counted) or not written


def _view(function: NativeFunction, returns_list: bool) -> tuple[ViewKind, str | None]:
    schema = function.func
    if "inplace_view" in function.tags:
        return "always", "self"
    if schema.kind() is not SchemaKind.functional:
        return "never", None
    viewed = VIEW_FUNCTIONS.get(cpp.name(schema))
    if viewed is not None:
        return ("multi" if returns_list else "always"), viewed
    aliases = {
        a.annotation.alias_set[0]: a.name
        for a in schema.arguments.flat_all
        if a.annotation and not a.annotation.is_write
    }
    for result in schema.returns:
        if result.annotation is not None and result.annotation.alias_set and result.annotation.alias_set[0] in aliases:
            return "maybe", aliases[result.annotation.alias_set[0]]
    return "never", None


def _with_node(operator: Operator, item: NativeFunctionWithDifferentiabilityInfo) -> Operator:
    function = item.func
    key = "Default" if not item.info or "Default" in item.info else next(iter(item.info))
    with native_function_manager(function):
        lines = "\n".join(gen_variable_type.emit_body(item, key)).splitlines()
        returns = zip(cpp.return_names(function), function.func.returns, strict=False)
        results = [name for name, returned in returns if returned.type.is_tensor_like()]
    # A `_foreach_` operator makes one node per element of its lists; what is read off is the node of one element.
    lines = [line.replace("[i]", "").replace("auto grad_fn =", "grad_fn =") for line in lines]
    code = "\n".join(lines)
    node = _NODE.search(code)
    if node is None:
        return operator
    edges = _names(_EDGES.search(code))
    history = _names(_HISTORY.search(code))
    names = ["self"] if function.func.kind() is SchemaKind.inplace else results
    saved, saved_results = _saves(lines, edges, names, {argument.name for argument in operator.arguments})
    return replace(
        operator,
        node=node.group(1),
        differentiable=edges,
        differentiable_results=tuple(name in history for name in names[: operator.results]),
        saved=saved,
        saved_results=saved_results,
    )


def _names(match: re.Match[str] | None) -> tuple[str, ...]:
    found = next((group for group in match.groups() if group is not None), "") if match else ""
    return tuple(name.strip() for name in found.split(",") if name.strip())


def _saves(
    lines: list[str], edges: tuple[str, ...], results: list[str], known: set[str]
) -> tuple[tuple[SavedArgument, ...], tuple[int, ...]]:
    arguments: list[SavedArgument] = []
    kept_results: dict[str, int] = {}
    for line, guard in _with_guards(lines):
        save = _SAVE.search(line)
        if save is None:
            continue
        field, expression = save.groups()
        what, is_output = (part.strip() for part in expression.split(",")[:2])
        if is_output == "true":
            kept_results[field] = results.index(what)
            continue
        # The node's fields are named after the formula, which foreach forms share with operators of other argument names.
        name = what if what in known else field
        guarding = tuple(edges[int(index)] for index in _GUARD_INDEX.findall(guard))
        arguments.append(
            SavedArgument(name, guarding, clone=what.startswith("original_self") or what.endswith(".clone()"))
        )
    # Nodes unpack their saved results by name (gen_autograd_functions.py), which is not always the order of the results.
    return tuple(arguments), tuple(kept_results[field] for field in sorted(kept_results))


def _with_guards(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line with the condition of the `if (grad_fn->should_compute_output(…)) {` it stands in, or ``."""
    guard = ""
    for line in lines:
        opened = _GUARD.search(line.strip())
        if opened is not None:
            guard = opened.group(1)
        elif guard and line.strip() == "}":
            guard = ""
        yield line, guard
