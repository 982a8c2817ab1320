"""Items written under a mask or at indices: chosen out of place instead, by `masked_fill`, `torch.where` or `index_put`.

The mask must be made of the written tensor itself: only then is it sure to have its shape, as `masked_fill` and `where`
take a smaller one from the last dimension and indexing from the first.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.fix import Edit
from gradguard.fixes.names import knows_torch, last_binding, may_rebind, path_of, root_of
from gradguard.fixes.out_of_place import rewritten
from gradguard.fixes.words import loses_history, must_stay_leaf, write_site
from gradguard.interpreter.sites import MODULES
from gradguard.text.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.candidate import Candidate
    from gradguard.fixes.situation import Situation, Spot

_TESTS = frozenset({"isnan", "isinf", "isfinite", "gt", "lt", "ge", "le", "eq", "ne"})
_INDICES = frozenset(
    {"tensor", "arange", "argsort", "argmax", "argmin", "randperm", "randint", "LongTensor", "nonzero"}
)


def chosen(situation: Situation) -> Iterator[Candidate]:
    """`x[x > 1] = 0` → `x = x.masked_fill(x > 1, 0)`, `x[m] = y[m]` → `x = torch.where(m, y, x)`, `x[i] = v` → `index_put`."""
    spot = situation.spot(write_site(situation.finding))
    if spot is None or loses_history(situation.finding):
        return
    match spot.statement:
        case ast.Assign(targets=[ast.Subscript(value=target, slice=index)], value=value):
            pass
        case _:
            return
    if not may_rebind(spot, target) or must_stay_leaf(situation.finding, spot, target):
        return
    code = _form(spot, target, index, value)
    if code is not None:
        edit = Edit(Place(spot.source.path, spot.range_of(spot.statement)), code)
        yield rewritten(situation, spot, target, code, (edit,))


def _form(spot: Spot, target: ast.expr, index: ast.expr, value: ast.expr) -> str | None:
    """The statement that takes the place of `target[index] = value`; None if none is sure to mean the same."""
    text = spot.source.document.text_in
    written, at, given = (text(spot.range_of(each)) for each in (target, index, value))
    if any("\n" in part or "\r" in part for part in (written, at, given)):
        return None
    if _is_mask(spot, index, path_of(target)):
        match value:
            case ast.Constant() | ast.UnaryOp(operand=ast.Constant()) | ast.Call(func=ast.Name(id="float")):
                return f"{written} = {written}.masked_fill({at}, {given})"
            case ast.Subscript(value=other, slice=same) if path_of(same) == path_of(index) and knows_torch(spot.source):
                return f"{written} = torch.where({at}, {text(spot.range_of(other))}, {written})"
        return None
    if _is_indices(spot, index) and isinstance(value, ast.Name | ast.BinOp | ast.Call | ast.Attribute):
        return f"{written} = {written}.index_put(({at},), {given})"
    return None


def _is_mask(spot: Spot, index: ast.expr, path: str) -> bool:
    """Whether the index compares the tensor at `path`, element by element."""
    match index:
        case ast.Name(id=name):
            bound = last_binding(spot, name)
            return bound is not None and not isinstance(bound, ast.Name) and _is_mask(spot, bound, path)
        case ast.Compare(left=left, comparators=[right]):
            return path in (path_of(left), path_of(right))
        case ast.UnaryOp(op=ast.Invert(), operand=inner):
            return _is_mask(spot, inner, path)
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr(), right=right):
            return _is_mask(spot, left, path) and _is_mask(spot, right, path)
        case ast.Call(func=ast.Attribute(value=tested, attr=name)) if name in _TESTS:
            return path == path_of(index.args[0] if root_of(tested) in MODULES and index.args else tested)
    return False


def _is_indices(spot: Spot, index: ast.expr) -> bool:
    """Whether the index is a tensor of whole numbers, by what made it."""
    match index:
        case ast.Name(id=name):
            bound = last_binding(spot, name)
            return isinstance(bound, ast.Call) and _is_indices(spot, bound)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _INDICES
    return False
