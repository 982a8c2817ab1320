"""Rows written one by one in a loop: collected in a list and stacked after it, so that no row is ever overwritten."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import path_of
from gradguard.fixes.words import shortened, write_site
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot


@dataclass(frozen=True)
class _Filling:
    """A loop `for i in …: x[i] = v` (or `x[:, i] = v`): `dimension` is where `i` stands, `offset` what is added to it."""

    loop: ast.For
    row: ast.Assign
    target: ast.Name
    index: str
    dimension: int
    offset: int


def rows_collected(situation: Situation) -> Iterator[Candidate]:
    """`x = zeros(…); for t in …: x[t + 1] = f(x[t])` → a list that begins with row 0, and `x = torch.stack(rows)`."""
    spot = situation.spot(write_site(situation.finding))
    filling = None if spot is None else _filling(spot)
    if spot is None or filling is None:
        return
    rows = _unused(spot, f"{filling.target.id}_rows")
    reads = _row_reads(spot, filling)
    if reads is None or (reads and not _begins_after_first(filling)):
        return  # The first round would read rows that are not yet in the list.
    name = filling.target.id
    edits = [
        Edit(Place(spot.source.path, spot.range_of(node)), code) for node, code in _rewritten(reads, rows, filling)
    ]
    # The reads inside the value are edited on their own, so the statement's edits stop at the value's edges.
    row, value = spot.range_of(filling.row), spot.range_of(filling.row.value)
    edits.append(Edit(Place(spot.source.path, Range(*row[:2], *value[:2])), f"{rows}.append("))
    edits.append(Edit(Place(spot.source.path, Range(*value[2:], *row[2:])), ")"))
    kept = f"[{name}[0]]" if filling.dimension == 0 else f"[{name}[{':, ' * filling.dimension}0]]"
    edits.append(spot.inserted_before(filling.loop, f"{rows} = {kept if _begins_after_first(filling) else '[]'}"))
    stacked = f"{name} = torch.stack({rows}{f', {filling.dimension}' if filling.dimension else ''})"
    edits.append(spot.inserted_after(filling.loop, stacked))
    yield Candidate(situation.texts.say("fix.stack", code=shortened(stacked)), tuple(edits), "unsafe", repeatable=False)


def _filling(spot: Spot) -> _Filling | None:
    loop = spot.loops[-1] if spot.loops else None
    row = spot.statement
    if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name) or not isinstance(row, ast.Assign):
        return None
    if row not in loop.body or len(row.targets) != 1 or loop.orelse:
        return None
    target = row.targets[0]
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return None
    place = _row_place(target.slice, loop.target.id)
    if place is None:
        return None
    return _Filling(loop, row, target.value, loop.target.id, *place)


def _row_place(index: ast.expr, name: str) -> tuple[int, int] | None:
    """Where the loop's variable stands in an index that is otherwise made of `:`; None for any other index."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    found: tuple[int, int] | None = None
    for dimension, part in enumerate(parts):
        if isinstance(part, ast.Slice) and part.lower is None and part.upper is None and part.step is None:
            continue
        offset = _offset(part, name)
        if offset is None or found is not None:
            return None
        found = dimension, offset
    return found


def _offset(node: ast.expr, name: str) -> int | None:
    match node:
        case ast.Name(id=read) if read == name:
            return 0
        case ast.BinOp(left=ast.Name(id=read), op=ast.Add(), right=ast.Constant(value=int(number))) if read == name:
            return number
    return None


def _begins_after_first(filling: _Filling) -> bool:
    """Whether the loop leaves row 0 as it was: `x[t + 1]` from 0, or `x[i]` for `i in range(1, …)`."""
    match filling.loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(first)), _, *_]):
            return first + filling.offset == 1
    return filling.offset == 1


def _row_reads(spot: Spot, filling: _Filling) -> list[ast.Subscript] | None:
    """The reads `x[…]` inside the loop; None if the loop reads x in any other way."""
    reads: list[ast.Subscript] = []
    subscripts = {id(node.value): node for node in ast.walk(filling.loop) if isinstance(node, ast.Subscript)}
    for node in ast.walk(filling.loop):
        if not isinstance(node, ast.Name) or node.id != filling.target.id or node is filling.target:
            continue
        subscript = subscripts.get(id(node))
        if subscript is None or not isinstance(subscript.ctx, ast.Load) or _index_of_row(subscript, filling) is None:
            return None
        reads.append(subscript)
    return reads


def _index_of_row(subscript: ast.Subscript, filling: _Filling) -> ast.expr | None:
    parts = subscript.slice.elts if isinstance(subscript.slice, ast.Tuple) else [subscript.slice]
    if len(parts) <= filling.dimension:
        return None
    for dimension, part in enumerate(parts):
        whole = isinstance(part, ast.Slice) and part.lower is None and part.upper is None and part.step is None
        if dimension == filling.dimension and isinstance(part, ast.Slice):
            return None
        if dimension != filling.dimension and not whole:
            return None
    return parts[filling.dimension]


def _rewritten(reads: list[ast.Subscript], rows: str, filling: _Filling) -> Iterator[tuple[ast.expr, str]]:
    for read in reads:
        index = _index_of_row(read, filling)
        if index is not None:
            yield read, f"{rows}[{path_of(index)}]"


def _unused(spot: Spot, wanted: str) -> str:
    return wanted if wanted not in spot.source.text else f"{wanted}_list"
