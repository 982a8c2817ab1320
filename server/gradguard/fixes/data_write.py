"""Writes past the version counter: `.data` becomes a new tensor where a gradient flows, a checked update where none does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import is_shared, path_of, root_of
from gradguard.fixes.words import shortened, write_site, writes_leaf
from gradguard.text.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot


def out_of_data(situation: Situation) -> Iterator[Candidate]:
    """`y.data += v` → `y = y + v`, `y.data[i] = v` → `y = y.clone()` and `y[i] = v`."""
    spot = situation.spot(write_site(situation.finding))
    if spot is None or not spot.owns_lines or writes_leaf(situation.finding):
        return
    data = _data_in(spot.statement)
    if data is None or root_of(data) is None:
        return
    owner = path_of(data.value)
    text = spot.source.document.text_in
    whole = Edit(Place(spot.source.path, spot.range_of(spot.statement)), "")
    codes: list[str] = []
    match spot.statement:
        case ast.AugAssign(target=target, value=value, op=op) if target is data:
            symbol = _SYMBOLS.get(type(op).__name__)
            operand = text(spot.range_of(value))
            if symbol:
                simple = isinstance(value, ast.Constant | ast.Name | ast.Attribute | ast.Call | ast.Subscript)
                codes.append(f"{owner} = {owner} {symbol} {operand if simple else f'({operand})'}")
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method, value=receiver)) as call) if receiver is data:
            given = text(spot.range_of(call))[len(text(spot.range_of(call.func))) :].strip()
            if method.endswith("_") and method not in ("copy_", "set_"):
                codes.append(f"{owner} = {owner}.{method.rstrip('_')}{given}")
        case ast.Assign(targets=[ast.Attribute() as target], value=value) if target is data:
            codes.append(f"{owner} = {text(spot.range_of(value))}")
    for code in codes:
        yield _candidate(situation, spot, data, (Edit(whole.place, code),), code)
    if codes:
        return
    plain = Edit(Place(spot.source.path, spot.range_of(data)), owner)
    code = f"{owner} = {owner}.clone()"
    yield _candidate(situation, spot, data, (spot.inserted_before(spot.statement, code), plain), code)


def _candidate(situation: Situation, spot: Spot, data: ast.Attribute, edits: tuple[Edit, ...], code: str) -> Candidate:
    shared = is_shared(spot, data.value)
    # The gradient of the old program was wrong: the values stay, the graph changes on purpose.
    return Candidate(situation.texts.say("fix.data", code=shortened(code)), edits, "unsafe" if shared else "safe")


def _data_in(statement: ast.stmt) -> ast.Attribute | None:
    """The `.data` that the statement writes through."""
    head: ast.AST
    match statement:
        case ast.AugAssign(target=head) | ast.Assign(targets=[head]):
            pass
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=head))):
            pass
        case _:
            return None
    return next((node for node in ast.walk(head) if isinstance(node, ast.Attribute) and node.attr == "data"), None)


_SYMBOLS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
