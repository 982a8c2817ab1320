"""Which names a write can be seen through: whether giving a name a new tensor leaves someone else with the old one.

Purely syntactic and on the careful side: what is not plainly a fresh tensor of one name counts as shared.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Spot
    from gradguard.text.places import Range
    from gradguard.text.source import SourceFile

FUNCTIONAL = ("F", "nn.functional", "functional", "torch.nn.functional")
"""What programs call `torch.nn.functional`."""

# Methods and functions whose result may be their argument, or a view of it.
ALIASING = frozenset(
    """view view_as reshape reshape_as flatten unflatten ravel t T mT H transpose permute movedim swapaxes swapdims squeeze
    unsqueeze expand expand_as broadcast_to narrow select diagonal unfold detach data contiguous to float double half type
    type_as cpu cuda as_strided chunk split unbind tensor_split real imag requires_grad_ view_as_real view_as_complex values
    items get pop iter next zip enumerate reversed list tuple dict parameters buffers state_dict asarray as_tensor
    from_numpy numpy""".split()
)
_DISPLAYS = ast.List | ast.Dict | ast.Tuple | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp
# What only containers and modules have.
_NOT_OF_TENSORS = frozenset(
    """items keys values get append extend appendleft popleft parameters state_dict named_parameters train eval children
    modules step zero_grad""".split()
)
# Methods of containers and modules that keep what they are given.
KEEPING = frozenset(
    {"append", "extend", "insert", "add", "setdefault", "update", "put", "appendleft", "register_buffer"}
)


def knows_torch(source: SourceFile) -> bool:
    """Whether the file says `import torch`."""
    return any(
        isinstance(statement, ast.Import)
        and any(alias.name == "torch" and not alias.asname for alias in statement.names)
        for chunk in source.chunks
        for statement in chunk.tree
    )


def root_of(node: ast.AST) -> str | None:
    """The name that an expression begins with: `self.a[0].b()` gives `self`; None for a call of a function and the like."""
    while True:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case ast.Call(func=ast.Attribute(value=inner)):
                node = inner
            case _:
                return None


def path_of(node: ast.AST) -> str:
    """An expression as text that two spellings of one place share."""
    return ast.unparse(node)


def reads_later(spot: Spot, path: str) -> list[Range]:
    """Where `path` (`x`, `self.h`, `d[k]`) is read after the statement of `spot`, up to the end of its scope.

    In a loop the reads before the statement come after it too, in the next round.
    """
    start, end = _extent(spot, spot.statement)
    again = _extent(spot, spot.loops[0]) if spot.loops else (end, end)
    return [
        chunk.place_of(chunk.range_of(node)).range
        for at, chunk, node in spot.positioned
        if isinstance(node, ast.expr)
        and isinstance(getattr(node, "ctx", None), ast.Load)
        and not start <= at < end
        and (at >= end or again[0] <= at < again[1])
        and path_of(node) == path
    ]


def rebound_later(spot: Spot, name: str) -> bool:
    """Whether `name` is assigned or deleted again after the statement of `spot`, in its scope."""
    _, end = _extent(spot, spot.statement)
    return any(
        at >= end and isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for at, _, node in spot.positioned
    )


def is_shared(spot: Spot, target: ast.expr) -> bool:
    """Whether another name may hold the tensor that `target` holds at `spot`, so that it would miss a new one."""
    match target:
        case ast.Name(id=name):
            bound = last_binding(spot, name)
            return bound is None or not _is_fresh(spot, bound, {name}) or _aliased(spot, target)
        case ast.Attribute(value=ast.Name(id="self")) if spot.class_ is not None:
            values = _assigned_in(spot.class_, path_of(target))
            return not values or not all(_is_fresh(spot, value, set()) for value in values) or _aliased(spot, target)
    return True  # An item of a container, or another object's attribute: who else holds it is not in view.


def is_no_tensor(spot: Spot, name: str) -> bool:
    """Whether `name` is plainly a container, a module or another object, by what it is bound to or used for."""
    bound = last_binding(spot, name)
    if isinstance(bound, _DISPLAYS) or _makes_object(bound):
        return True
    if spot.function is not None:
        arguments = spot.function.args
        if name in {each.arg for each in (arguments.vararg, arguments.kwarg) if each is not None}:
            return True
    for _, _, node in spot.positioned:
        match node:
            case ast.Subscript(value=ast.Name(id=used), slice=ast.Constant(value=str())) if used == name:
                return True
            case ast.Attribute(value=ast.Name(id=used), attr=attribute) if (
                used == name and attribute in _NOT_OF_TENSORS
            ):
                return True
            case ast.Call(func=ast.Name(id=used)) if used == name:
                return True
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any((alias.asname or alias.name) == name for alias in aliases):
                    return True
    return False


def _makes_object(value: ast.expr | None) -> bool:
    """Whether the expression makes an object of a class: `nn.Linear(2, 3)`, `Pool()`; tensor types make tensors."""
    match value:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name[:1].isupper() and not name.endswith(("Tensor", "Parameter", "Buffer"))
    return False


def _is_read_only(spot: Spot, name: str) -> bool:
    """Whether some class of the file has an attribute `name` that refuses tensors: a property, a named tuple's field, a parameter."""
    for class_ in spot.top_level:
        if isinstance(class_, ast.Assign) and "namedtuple(" in path_of(class_.value) and name in path_of(class_.value):
            return True
        if not isinstance(class_, ast.ClassDef):
            continue
        heads = {path_of(each).rpartition(".")[2].partition("(")[0] for each in class_.bases}
        frozen = "NamedTuple" in heads or any("frozen=True" in path_of(each) for each in class_.decorator_list)
        for part in class_.body:
            match part:
                case ast.AnnAssign(target=ast.Name(id=field)) if frozen and field == name:
                    return True
                case ast.FunctionDef(name=field, decorator_list=[ast.Name(id="property")]) if field == name:
                    return True
        if _holds_parameter(class_, name):
            return True
    return False


def _holds_parameter(class_: ast.ClassDef, name: str) -> bool:
    """Whether the class makes its attribute `name` a parameter, which torch lets nothing but a parameter replace."""
    for node in ast.walk(class_):
        match node:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)], value=ast.Call(func=made)
            ):
                if attribute == name and path_of(made).endswith("Parameter"):
                    return True
            case ast.Call(func=ast.Attribute(attr="register_parameter"), args=[ast.Constant(value=attribute), *_]):
                if attribute == name:
                    return True
    return False


def may_rebind(spot: Spot, target: ast.expr) -> bool:
    """Whether `target = …` may stand before the statement: a name of this scope, an attribute, an item of no tuple."""
    match target:
        case ast.Name(id=name):
            if is_no_tensor(spot, name):
                return False
            return spot.function is None or name in _local_names(spot.function)
        case ast.Attribute(value=inner, attr=name):
            return root_of(inner) is not None and not _is_read_only(spot, name)
        case ast.Subscript(value=ast.Name(id=name)):
            return not isinstance(last_binding(spot, name), ast.Tuple)
        case ast.Subscript(value=inner):
            return root_of(inner) is not None
    return False


def written_expression(spot: Spot) -> ast.expr | None:
    """What the statement or call at `spot` writes: `x` for `x += 1`, `x[i] = v`, `x.add_(1)`, `torch.add(a, b, out=x)`."""
    match spot.statement:
        case ast.AugAssign(target=target):
            return target
        case ast.Assign(targets=[ast.Subscript(value=target)]) if spot.site.kind == "setitem":
            return target
    call = next((node for node in reversed(spot.nodes) if isinstance(node, ast.Call)), None)
    if call is None or spot.site.kind not in ("method", "function"):
        return None
    out = next((keyword.value for keyword in call.keywords if keyword.arg == "out"), None)
    if out is not None:
        return out
    if spot.site.kind == "method" and isinstance(call.func, ast.Attribute):
        return call.func.value
    return call.args[0] if call.args else None


def last_binding(spot: Spot, name: str) -> ast.expr | None:
    """The expression last assigned to `name` before the statement; None for a parameter, a loop variable, an unpacking."""
    for statement in _statements_before(spot):
        match statement:
            case ast.Assign(targets=targets, value=value) if any(name in _names_bound(each) for each in targets):
                # Several targets, or one of many parts: others hold the value, or parts of it, too.
                return value if len(targets) == 1 and isinstance(targets[0], ast.Name) else None
            case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr() as value) if bound == name:
                return value
            case ast.For(target=target) | ast.AsyncFor(target=target) if name in _names_bound(target):
                return None
            case ast.With(items=items) if any(
                item.optional_vars is not None and name in _names_bound(item.optional_vars) for item in items
            ):
                return None
    return None


Position = tuple[int, int]


def _extent(spot: Spot, node: ast.stmt) -> tuple[Position, Position]:
    shift = spot.chunk.start_line
    return (node.lineno + shift, node.col_offset), ((node.end_lineno or 0) + shift, node.end_col_offset or 0)


def _statements_before(spot: Spot) -> list[ast.stmt]:
    """The statements of the scope that begin before that of `spot`, nearest first."""
    start, _ = _extent(spot, spot.statement)
    before = [node for at, _, node in spot.positioned if isinstance(node, ast.stmt) and at < start]
    return before[::-1]


def _statements_of_last_round(spot: Spot, path: str) -> Iterator[ast.stmt]:
    """The statements after that of `spot` in the loops round it which do not give `path` a new value first in every round."""
    start, end = _extent(spot, spot.statement)
    for loop in spot.loops:
        inside = [node for node in ast.walk(loop) if isinstance(node, ast.stmt)]
        if not any(
            isinstance(node, ast.Assign) and _extent(spot, node)[1] <= start and path in map(path_of, node.targets)
            for node in inside
        ):
            yield from (node for node in inside if node is not loop and _extent(spot, node)[0] >= end)
            return


def _assigned_in(class_: ast.ClassDef, path: str) -> list[ast.expr]:
    """Every expression that the class assigns to the attribute `path`, or registers as its buffer."""
    name = path.partition(".")[2]
    values: list[ast.expr] = []
    for node in ast.walk(class_):
        match node:
            case ast.Assign(targets=targets, value=value) if any(path_of(each) == path for each in targets):
                values.append(value if len(targets) == 1 else targets[0])  # Several targets hold one tensor.
            case ast.Call(func=ast.Attribute(attr="register_buffer"), args=[ast.Constant(value=known), value, *_]):
                if known == name:
                    values.append(value)
    return values


def _local_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The names that an assignment in `function` may give a new value, without hiding an outer one."""
    arguments = function.args
    names = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    for node in ast.walk(function):
        if isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _names_bound(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _is_fresh(spot: Spot, value: ast.expr, seen: set[str]) -> bool:
    match value:
        case ast.BinOp() | ast.UnaryOp():
            return True
        case ast.Call(func=ast.Attribute(attr=method, value=receiver)):
            if method in ALIASING or method.endswith("_"):
                return _is_fresh(spot, receiver, seen)
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name not in ALIASING
        case ast.Subscript(value=inner) | ast.Attribute(value=inner):
            return isinstance(inner, ast.Call | ast.Subscript) and _is_fresh(spot, inner, seen)
        case ast.Name(id=name) if name not in seen:
            bound = last_binding(spot, name)
            # Two names for one tensor: the other one must not be read afterwards.
            return bound is not None and not reads_later(spot, name) and _is_fresh(spot, bound, {*seen, name})
    return False


def _aliased(spot: Spot, target: ast.expr) -> bool:
    """Whether the value of `target` was given to another name or container before the statement."""
    path = path_of(target)
    for statement in (*_statements_before(spot), *_statements_of_last_round(spot, path)):
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr | ast.Return):
            continue
        value = statement.value
        if value is None:
            continue
        if isinstance(value, ast.Yield) and value.value is not None:  # whoever asked for it holds it
            if any(path_of(part) == path for part in _bare_parts(value.value)):
                return True
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(path_of(each) == path for each in targets):
                continue
            if any(path_of(part) == path for part in _bare_parts(value)):
                return True
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in KEEPING:
            if any(path_of(part) == path for argument in value.args for part in _bare_parts(argument)):
                return True
    return False


def _bare_parts(value: ast.expr) -> Iterator[ast.expr]:
    """The expressions whose values `value` may hand on as they are."""
    match value:
        case ast.Name() | ast.Attribute() if not isinstance(value, ast.Attribute) or value.attr not in ALIASING:
            yield value
        case ast.Attribute(value=inner) | ast.Subscript(value=inner):
            yield from _bare_parts(inner)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _bare_parts(part)
        case ast.Dict(values=parts):
            for part in parts:
                yield from _bare_parts(part)
        case ast.IfExp(body=first, orelse=second):
            yield from _bare_parts(first)
            yield from _bare_parts(second)
        case ast.Call(func=ast.Attribute(attr=method, value=receiver)) if method in ALIASING:
            yield from _bare_parts(receiver)
