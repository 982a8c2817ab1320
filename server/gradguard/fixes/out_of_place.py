"""Writes out of place: `y += v`, `y.op_(v)`, `torch.relu_(y)`, `F.relu(y, inplace=True)`, `torch.add(a, b, out=y)`.

Each becomes an assignment of a new tensor. Where another reference to the old tensor is read afterwards, the values seen
through it change, so the fix is unsafe and says so; where nobody would see the new tensor, nothing is proposed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.names import FUNCTIONAL, is_shared, knows_torch, last_binding, may_rebind, path_of, reads_later
from gradguard.fixes.rewriting import assign, method_call, out_of_place
from gradguard.fixes.words import LEAF_RULES, loses_history, must_stay_leaf, shortened, write_site
from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from gradguard.fixes.fix import Edit, Grade
    from gradguard.fixes.situation import Situation, Spot
    from gradguard.fixes.snippet import Snippet

# In-place methods without a method of the same name that makes a new tensor.
_LIKE = {"zero_": "zeros_like", "fill_": "full_like", "normal_": "randn_like", "uniform_": "rand_like"}
_NO_TWIN = frozenset({"copy_", "set_", "resize_", "requires_grad_", "data", "share_memory_", "apply_", "map_"})

# Where torch.nn.functional's functions take `inplace`, counted from 0.
_FLAG_POSITION = {
    "relu": 1, "relu6": 1, "selu": 1, "silu": 1, "mish": 1, "hardswish": 1, "hardsigmoid": 1, "elu": 2, "celu": 2,
    "leaky_relu": 2, "threshold": 3, "hardtanh": 3, "dropout": 3, "rrelu": 4,
}  # fmt: skip


def augmented(situation: Situation) -> Iterator[Candidate]:
    """`y += v` → `y = y + v`."""
    import libcst as cst

    spot = situation.spot(write_site(situation.finding))
    if spot is None or not isinstance(spot.statement, ast.AugAssign) or loses_history(situation.finding):
        return
    target = spot.statement.target
    if must_stay_leaf(situation.finding, spot, target) or not may_rebind(spot, target):
        return
    if isinstance(target, ast.Name) and is_shared(spot, target) and not reads_later(spot, target.id):
        return  # The only reader is whoever else holds the tensor, and it would miss the new one.
    snippet = spot.snippet()
    old = snippet.node_at(spot.range_of(spot.statement), cst.AugAssign)
    new = None if old is None else out_of_place(old)
    if old is None or new is None:
        return
    yield rewritten(situation, spot, target, snippet.code_of(new), (snippet.replaced(old, new),))


def method(situation: Situation) -> Iterator[Candidate]:
    """`x.op_(v)` → `x = x.op(v)`, with all in-place calls of the chain it stands in."""
    import libcst as cst

    spot = situation.spot(write_site(situation.finding))
    if spot is None or loses_history(situation.finding):
        return
    chain = _chain(spot)
    if chain is None:
        return
    base = _base_of(chain)
    if _reads_between(chain, base):
        return
    snippet = spot.snippet()
    old = snippet.node_at(spot.range_of(chain), cst.Call)
    new = None if old is None else _renamed_chain(old, has_torch=knows_torch(spot.source))
    if old is None or new is None:
        return
    yield from _replaced_expression(situation, spot, snippet, chain, base, old, new)


def function(situation: Situation) -> Iterator[Candidate]:
    """`torch.relu_(x)` → `torch.relu(x)`, without `inplace=True` and `out=` likewise."""
    import libcst as cst

    spot = situation.spot(write_site(situation.finding))
    if spot is None or loses_history(situation.finding):
        return
    call = next((node for node in reversed(spot.nodes) if isinstance(node, ast.Call)), None)
    if call is None or not (call.args or call.keywords):
        return
    snippet = spot.snippet()
    old = snippet.node_at(spot.range_of(call), cst.Call)
    if old is None:
        return
    base: ast.expr | None = call.args[0] if call.args else None
    out = next((each.value for each in call.keywords if each.arg == "out"), None)
    if out is not None:
        base, new = out, _without(old, "out")
    elif any(_is_true(each, "inplace") for each in call.keywords):
        new = _without(old, "inplace")
    elif _flag_by_position(call):
        new = _without_last(old)
    elif _is_torch_function(call) and isinstance(old.func, cst.Attribute):
        new = old.with_deep_changes(old.func.attr, value=old.func.attr.value.rstrip("_"))
    else:
        return
    yield from _replaced_expression(situation, spot, snippet, call, base, old, new)


def _replaced_expression(
    situation: Situation,
    spot: Spot,
    snippet: Snippet,
    written: ast.Call,
    base: ast.expr | None,
    old: cst.Call,
    new: cst.BaseExpression,
) -> Iterator[Candidate]:
    """`new` for `old`; where `base` is read afterwards, it is given the new tensor too."""
    import libcst as cst

    if base is not None and must_stay_leaf(situation.finding, spot, base):
        return
    rebinds = base is not None and may_rebind(spot, base)
    is_place = isinstance(base, ast.Name | ast.Attribute | ast.Subscript)
    statement = spot.statement
    if isinstance(statement, ast.Expr) and statement.value is written:
        if base is None or not rebinds or not _has_reader(spot, base):
            return
        line = snippet.node_at(spot.range_of(statement), cst.Expr)
        if line is None:
            return
        target = cst.parse_expression(path_of(base))
        made = assign(target, new).with_changes(semicolon=line.semicolon)
        yield rewritten(situation, spot, base, snippet.code_of(made), (snippet.replaced(line, made),))
        return
    code = snippet.code_of(new)
    before, after = _reads_beside(statement, written, base)
    if (
        base is None
        or not is_place
        or not (after or (reads_later(spot, path_of(base)) and not _rebinds(statement, base)))
    ):
        if not before:  # What was read before the write may be looked at only after it, as in `y * y.add_(1)`.
            yield rewritten(situation, spot, base, code, (snippet.replaced(old, new),))
        return
    if (
        not rebinds
        or before
        or not spot.owns_lines
        or not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr)
    ):
        return
    first = f"{path_of(base)} = {code}"
    if "\n" in first:
        return
    edits = (spot.inserted_before(statement, first), snippet.replaced(old, cst.parse_expression(path_of(base))))
    yield rewritten(situation, spot, base, first, edits)


def _reads_beside(statement: ast.stmt, written: ast.Call, base: ast.expr | None) -> tuple[bool, bool]:
    """Whether the statement reads `base` before the call that writes it, and after it."""
    inside = set(map(id, ast.walk(written)))
    path = None if base is None else path_of(base)
    reads = [
        (node.lineno, node.col_offset)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and id(node) not in inside
        and path_of(node) == path
    ]
    start = (written.lineno, written.col_offset)
    return any(at < start for at in reads), any(at > start for at in reads)


def rewritten(situation: Situation, spot: Spot, base: ast.expr | None, code: str, edits: tuple[Edit, ...]) -> Candidate:
    """A candidate that gives `base` the value of `code`: safe, unless somebody else holds the tensor, or it is a leaf."""
    leaf = ".leaf" if situation.finding.code in LEAF_RULES else ""
    shared = ".shared" if base is not None and is_shared(spot, base) else ""
    grade: Grade = "unsafe" if leaf or shared else "safe"
    title = situation.texts.say(f"fix.out_of_place{leaf or shared}", code=shortened(code))
    return Candidate(title, edits, grade)


def _has_reader(spot: Spot, base: ast.expr) -> bool:
    """Whether somebody would see a new tensor put in the place of `base`: another statement, an object or a container."""
    if not isinstance(base, ast.Name):
        return True
    return bool(reads_later(spot, base.id)) or (last_binding(spot, base.id) is not None and not is_shared(spot, base))


def _chain(spot: Spot) -> ast.Call | None:
    """The whole chain of method calls round the write: for `x.mul_(2)` in `x.mul_(2).add_(1)` the whole of it."""
    chain: ast.Call | None = None
    for node in reversed(spot.nodes):
        if chain is None:
            if isinstance(node, ast.Call):
                if not isinstance(node.func, ast.Attribute) or not node.func.attr.endswith("_"):
                    return None
                chain = node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.value is chain:
            if not node.func.attr.endswith("_"):
                return chain
            chain = node
        elif not (isinstance(node, ast.Attribute) and node.value is chain):
            return chain
    return chain


def _base_of(chain: ast.Call) -> ast.expr:
    """What the in-place calls of `chain` write: `x` in `x.mul_(2).add_(1)`."""
    node: ast.expr = chain
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.endswith("_"):
        node = node.func.value
    return node


def _reads_between(chain: ast.Call, base: ast.expr) -> bool:
    """Whether a later call of the chain is given what an earlier one has written: `x.mul_(2).add_(x[0])`."""
    written = {path_of(base)}
    node: ast.expr = chain
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.value is not base:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(isinstance(part, ast.expr) and path_of(part) in written for each in given for part in ast.walk(each)):
            return True
        node = node.func.value
    return False


def _renamed_chain(call: cst.Call, *, has_torch: bool) -> cst.BaseExpression | None:
    """The chain with every in-place method replaced by the one that makes a new tensor; None if one has no such twin."""
    import libcst as cst

    function = call.func
    if not isinstance(function, cst.Attribute) or not function.attr.value.endswith("_"):
        return None
    inner: cst.BaseExpression = function.value
    if isinstance(inner, cst.Call) and isinstance(inner.func, cst.Attribute) and inner.func.attr.value.endswith("_"):
        renamed = _renamed_chain(inner, has_torch=has_torch)
        if renamed is None:
            return None
        inner = renamed
    name = function.attr.value
    if name in _NO_TWIN or name.startswith("__"):
        return None
    if name in _LIKE:
        if not has_torch or (name in ("normal_", "uniform_") and call.args):
            return None
        function_ = cst.Attribute(value=cst.Name("torch"), attr=cst.Name(_LIKE[name]))
        return cst.Call(func=function_, args=[cst.Arg(inner, comma=_comma(call.args)), *call.args])
    twin = name.rstrip("_")
    if not Catalog.load().candidates(f"Tensor.{twin}"):
        return None
    if inner is function.value:
        return call.with_deep_changes(function.attr, value=twin)
    return method_call(inner, twin, call.args)


def _comma(following: object) -> cst.Comma | cst.MaybeSentinel:
    import libcst as cst

    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")) if following else cst.MaybeSentinel.DEFAULT


def _without(call: cst.Call, keyword: str) -> cst.Call:
    """`call` without a keyword argument; the argument that becomes the last one loses its comma."""
    kept = [each for each in call.args if each.keyword is None or each.keyword.value != keyword]
    if kept and kept[-1] is not call.args[-1]:
        kept[-1] = kept[-1].with_changes(
            comma=call.args[-1].comma, whitespace_after_arg=call.args[-1].whitespace_after_arg
        )
    return call.with_changes(args=kept)


def _flag_by_position(call: ast.Call) -> bool:
    """Whether the last argument is the flag: `F.relu(x, True)`, `F.dropout(x, 0.5, True, True)`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    position = _FLAG_POSITION.get(name)
    if position is None or len(call.args) != position + 1 or call.keywords:
        return False
    flag = call.args[position]
    return isinstance(flag, ast.Constant) and flag.value is True


def _without_last(call: cst.Call) -> cst.Call:
    kept = list(call.args[:-1])
    last = call.args[-1]
    kept[-1] = kept[-1].with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    return call.with_changes(args=kept)


def _is_torch_function(call: ast.Call) -> bool:
    """Whether it is `torch.relu_(x)` or `F.relu_(x)`, and not a tensor's method."""
    match call.func:
        case ast.Attribute(attr=name, value=module) if name.endswith("_"):
            return path_of(module) in ("torch", *FUNCTIONAL)
    return False


def _is_true(keyword: ast.keyword, name: str) -> bool:
    return keyword.arg == name and isinstance(keyword.value, ast.Constant) and keyword.value.value is True


def _rebinds(statement: ast.stmt, base: ast.expr) -> bool:
    """Whether the statement assigns to `base` itself: `x = F.relu(x, inplace=True)`."""
    if isinstance(statement, ast.Assign):
        return any(path_of(each) == path_of(base) for each in statement.targets)
    return isinstance(statement, ast.AnnAssign) and path_of(statement.target) == path_of(base)
