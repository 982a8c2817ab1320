"""Arguments for an entry that nothing in view calls: from annotations, defaults, names and use."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from gradguard.analysis.training import trained_arguments
from gradguard.interpreter.trees import nodes_of
from gradguard.interpreter.values import FunctionValue, Unknown, Value
from gradguard.torchfacts.geometry import Geometry

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

# Arguments that ordinarily hold indices, labels or masks: no gradient flows to them.
_DISCRETE = re.compile(
    r"(?:^|_)(?:ids?|idx|index|indices|labels?|targets?|masks?|lengths?|tokens?|mask|gt|mode|name)(?:$|_|\d)"
)
_SCALAR_ANNOTATION = re.compile(r"\b(?:int|float|bool|str|dict|Dict|Callable|dtype|device|Config|Path|ndarray)\b")


def invented_arguments(
    machine: Machine, function: FunctionValue, skip: int = 0, tensors: bool = True
) -> tuple[list[Value], dict[str, Value]]:
    """(positional, keyword) arguments for a call of `function` without its first `skip` parameters.

    A parameter with a default keeps it. One that is used as a tensor becomes one that requires grad, an assumption of its own.
    `tensors`: False for constructors, whose arguments are unknown numbers and flags.
    """
    node = function.node
    parameters = [*node.args.posonlyargs, *node.args.args][skip:]
    required = len(parameters) - len(function.defaults)
    used = tensor_uses(node) if tensors else set()
    trained = trained_arguments(machine, node) if tensors else {}
    args: list[Value] = []
    for position, parameter in enumerate(parameters):
        if position >= required:
            break
        args.append(trained.get(parameter.arg) or _argument(machine, function, parameter, used))
    kwargs = {
        parameter.arg: trained.get(parameter.arg) or _argument(machine, function, parameter, used)
        for parameter in node.args.kwonlyargs
        if parameter.arg not in function.keyword_defaults
    }
    return args, kwargs


def _argument(machine: Machine, function: FunctionValue, parameter: ast.arg, used: set[str]) -> Value:
    name = parameter.arg
    annotation = ast.unparse(parameter.annotation) if parameter.annotation is not None else ""
    is_tensor = "Tensor" in annotation or (not annotation and name in used)
    if "List" in annotation or "Tuple" in annotation or "list" in annotation or "tuple" in annotation:
        is_tensor = False
    if not is_tensor or (annotation and _SCALAR_ANNOTATION.search(annotation)):
        return Unknown(("parameter", function.name, name))
    return tensor_argument(machine, name)


def tensor_argument(machine: Machine, name: str) -> Value:
    """A tensor of unknown shape: the result of something that requires grad, unless this run assumes that it does not."""
    discrete = _DISCRETE.search(name) is not None
    geometry = Geometry(None, None, None, None if discrete else "float32")
    wants_grad = not discrete and machine.oracle.choose(("requires_grad", name), "requires_grad", name, True)
    tensor = machine.tape.tensor(machine.site(), geometry=geometry, requires_grad=wants_grad, operator="argument")
    if not wants_grad:
        return tensor
    clone = machine.catalog.operator("clone")
    assert clone is not None
    return machine.tape.apply(clone, {"self": tensor}, machine.site(), results=(geometry,))[0]


# Methods and attributes that only tensors have (and numpy arrays, which do not require grad).
_TENSOR_ONLY = frozenset(
    """size shape dim view reshape permute transpose contiguous unsqueeze squeeze detach clone mean sum device dtype requires_grad backward
    float half long cuda cpu softmax sigmoid relu tanh exp log matmul mm bmm expand repeat flatten chunk split unbind masked_fill
    masked_fill_ add_ mul_ sub_ div_ copy_ zero_ fill_ clamp clamp_ pow sqrt abs norm data grad new_zeros new_ones type_as to argmax
    ndim numel T""".split()
)


def tensor_uses(node: ast.AST) -> set[str]:
    """Names that the function uses as tensors: by a method, in a torch call, as an argument of a layer, or as an operand of one."""
    known: set[str] | None = getattr(node, "gradguard_tensor_uses", None)
    if known is not None:
        return known
    used: set[str] = set()
    for part in nodes_of(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.attr in _TENSOR_ONLY:
            used.add(part.value.id)
        elif isinstance(part, ast.Call):
            callee = part.func
            if isinstance(callee, ast.Attribute) and isinstance(callee.value, (ast.Name, ast.Attribute)):
                root = callee.value.id if isinstance(callee.value, ast.Name) else ""
                if root in ("torch", "F", "nn", "self") or isinstance(callee.value, ast.Attribute):
                    used.update(a.id for a in part.args if isinstance(a, ast.Name))
    node.gradguard_tensor_uses = used  # type: ignore[attr-defined]  # kept with the tree: every path asks again
    return used
