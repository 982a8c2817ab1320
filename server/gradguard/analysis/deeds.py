"""What the text of a statement or function can do to tensors, told from its syntax alone.

It errs on the side of doing: only what cannot be an in-place write of a tensor is left out (a counter, an entry of a dict of its own,
an initialiser of weights).
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from gradguard.interpreter.trees import nodes_of

FORWARDS = ("forward", "__call__", "training_step")

_IN_PLACE_FUNCTIONS = re.compile(
    r"(?:\w*relu6?|\w*dropout\w*|[sc]?elu|silu|mish|hard\w+|threshold)$"  # torch.nn.functional's, with `inplace`
)
_IN_PLACE_LAYERS = re.compile(r"(?:\w*R?e?LU6?|\w*Dropout\w*|Mish|Hard\w+|Threshold)$")
_INITIALISER = re.compile(
    r"(?:\w*(?:normal|uniform|constant|zeros|ones|orthogonal|eye|dirac|sparse)|requires_grad|share_memory)_$"
)
_OPERATORS = frozenset(("setitem", "iadd", "isub", "imul", "itruediv", "imatmul", "copyto"))
_COUNTER = re.compile(r"count|step|idx|index|iter|epoch|num|pos|len|size|offset|total|seen|called|calls|id$|^n_|^_?i$")
_MAPPING = re.compile(
    r"dict|kwargs|config|cfg|metadata|mapping|environ|modules|cache|params|args|options|state$|registry"
)
_NUMBERS = frozenset(("len", "int", "float", "round", "ord", "hash"))
_CONTAINERS = frozenset(("dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "deque", "str", "sorted"))
_ARRAY_METHODS = frozenset(("fill", "put", "itemset", "partition", "sort", "byteswap"))
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.JoinedStr)
_NOT_OPTIMIZERS = re.compile(r"sched|env|bar|timer|prof|pbar|progress")


class Deeds(NamedTuple):
    """`writes`: something may be written in place, or backpropagated twice. `builds`: a layer is made that may write in place.

    `calls`: a value is called that is no definition, such as a layer. `names`: all identifiers
    but those handed on by keyword (`filter_fn=f`); `own`: those read from `self`.
    """

    writes: bool
    builds: bool
    calls: bool
    names: frozenset[str]
    own: frozenset[str]


def deeds_of(nodes: list[ast.stmt]) -> Deeds:
    """What running `nodes`, or calling what they define, can do by itself."""
    parts = [part for node in nodes for part in nodes_of(node)]
    handed_on = {id(part.value) for part in parts if isinstance(part, ast.keyword)}
    local = _Locals(parts)
    names: set[str] = set()
    own: set[str] = set()
    writes = builds = calls = False
    for part in parts:
        if isinstance(part, ast.Name):
            if id(part) not in handed_on:
                names.add(part.id)
        elif isinstance(part, ast.Attribute):
            names.add(part.attr)
            if isinstance(part.value, ast.Name) and part.value.id == "self":
                own.add(part.attr)
        elif isinstance(part, ast.Call):
            name = _last_name(part.func)
            flagged = _asks_for_inplace(part, name)
            in_place = flagged and _IN_PLACE_FUNCTIONS.match(name) is not None
            writes = writes or in_place or _call_writes(part, name, local)
            builds = builds or (flagged and not in_place)
            calls = calls or _calls_value(part.func, local)
        elif isinstance(part, ast.AugAssign):
            writes = writes or _augmented_writes(part, local)
        elif isinstance(part, ast.Assign):
            writes = writes or any(_stores_in_tensor(target, local) for target in part.targets)
        elif isinstance(part, ast.Constant):
            builds = builds or part.value == "inplace"
        elif isinstance(part, ast.arguments):
            builds = builds or _defaults_to_inplace(part)
    return Deeds(writes, builds, calls, frozenset(names), frozenset(own))


class _Locals:
    """The names that a function binds, and what is known of their values."""

    def __init__(self, parts: list[ast.AST]) -> None:
        self.bound: set[str] = set()
        self.keys: set[str] = set()
        numbers: set[str] = set()
        containers: set[str] = set()
        others: set[str] = set()
        for part in parts:
            if isinstance(part, ast.Name):
                if isinstance(part.ctx, ast.Store):
                    self.bound.add(part.id)
            elif isinstance(part, ast.Assign):
                for target in part.targets:
                    if isinstance(target, ast.Name):
                        (
                            containers if _is_container(part.value) else numbers if _is_number(part.value) else others
                        ).add(target.id)
            elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and part.value is not None:
                value = part.value
                (containers if _is_container(value) else numbers if _is_number(value) else others).add(part.target.id)
            elif isinstance(part, (ast.For, ast.comprehension)):
                self._loop(part)
            elif isinstance(part, ast.arg):
                others.add(part.arg)
                self.bound.add(part.arg)
        self.containers = containers - others - numbers
        self.numbers = numbers - others - containers

    def _loop(self, part: ast.For | ast.comprehension) -> None:
        call = part.iter
        if isinstance(call, ast.Call) and _last_name(call.func) in (
            "items",
            "keys",
            "named_parameters",
            "named_buffers",
        ):
            first = part.target.elts[0] if isinstance(part.target, ast.Tuple) and part.target.elts else part.target
            if isinstance(first, ast.Name):
                self.keys.add(first.id)


def _is_number(value: ast.expr) -> bool:
    if isinstance(value, ast.UnaryOp):
        return _is_number(value.operand)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _NUMBERS
    return isinstance(value, ast.Constant) and isinstance(value.value, (int, float))


def _is_container(value: ast.expr) -> bool:
    """A list, dict, set or string: nothing that is done to it writes a tensor."""
    if isinstance(value, ast.Call):
        return _last_name(value.func) in _CONTAINERS
    if isinstance(value, ast.BinOp):
        return _is_container(value.left)
    return isinstance(value, _DISPLAYS) or (isinstance(value, ast.Constant) and isinstance(value.value, str))


def _augmented_writes(node: ast.AugAssign, local: _Locals) -> bool:
    target, value = node.target, node.value
    plain = _is_number(value) or _is_container(value) or (isinstance(value, ast.Name) and value.id in local.numbers)
    if isinstance(target, ast.Name):
        return target.id not in local.containers and not (plain and target.id in local.numbers)
    if isinstance(target, ast.Attribute):
        return not (_is_container(value) or (plain and _COUNTER.search(target.attr) is not None))
    return not (plain and _is_key(target.slice, local))


def _stores_in_tensor(target: ast.expr, local: _Locals) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return any(_stores_in_tensor(part, local) for part in target.elts)
    if isinstance(target, ast.Attribute):
        return target.attr == "data"
    if not isinstance(target, ast.Subscript) or _is_key(target.slice, local):
        return False
    if isinstance(target.value, ast.Name) and target.value.id in local.containers:
        return False
    index = target.slice
    return not (isinstance(index, (ast.Name, ast.Attribute)) and _MAPPING.search(_last_name(target.value)))


def _is_key(index: ast.expr, local: _Locals) -> bool:
    """Whether the index can only be the key of a dict."""
    if isinstance(index, ast.Name):
        return index.id in local.keys or index.id in ("key", "name", "__name__")
    return isinstance(index, ast.JoinedStr) or (isinstance(index, ast.Constant) and isinstance(index.value, str))


def _call_writes(call: ast.Call, name: str, local: _Locals) -> bool:
    func = call.func
    if name.endswith("_"):
        return len(name) > 1 and name[-2] != "_" and not (_INITIALISER.match(name) and _initialises(func))
    if name in ("backward", "grad") or name in _OPERATORS:
        return True
    if isinstance(func, ast.Attribute):
        if name == "step":
            return _NOT_OPTIMIZERS.search(_last_name(func.value)) is None
        if name in _ARRAY_METHODS and isinstance(func.value, ast.Name):
            return func.value.id not in local.containers
    return any(
        keyword.arg in ("out", "max_norm") and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        for keyword in call.keywords
    )


def _initialises(func: ast.expr) -> bool:
    """`init.normal_(…)`, `trunc_normal_(…)`, `module.weight.data.normal_(…)`: weights before they are used."""
    if isinstance(func, ast.Attribute):
        owner = _last_name(func.value)
        return owner in ("init", "data", "weight", "bias") or func.attr in ("requires_grad_", "share_memory_")
    return True


def _asks_for_inplace(call: ast.Call, name: str) -> bool:
    for keyword in call.keywords:
        if keyword.arg == "inplace":
            return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    if _IN_PLACE_FUNCTIONS.match(name) or _IN_PLACE_LAYERS.match(name):
        return any(isinstance(argument, ast.Constant) and argument.value is True for argument in call.args)
    return False


def _defaults_to_inplace(arguments: ast.arguments) -> bool:
    positional = [*arguments.posonlyargs, *arguments.args]
    given = [*zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)]
    given += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    return any(a.arg == "inplace" and isinstance(d, ast.Constant) and d.value is True for a, d in given)


def _calls_value(func: ast.expr, local: _Locals) -> bool:
    if isinstance(func, ast.Name):
        return func.id in local.bound
    if isinstance(func, ast.Attribute):
        root: ast.expr = func
        while isinstance(root, ast.Attribute):
            root = root.value
        return func.attr in FORWARDS or (isinstance(root, ast.Name) and root.id == "self")
    return isinstance(func, (ast.Subscript, ast.Call))


def _last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, `a` of `a`, that of what is called or subscripted; "" of anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    return _last_name(node.value) if isinstance(node, ast.Subscript) else ""
