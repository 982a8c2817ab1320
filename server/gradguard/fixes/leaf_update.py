"""Updates of leaves: the write goes under `torch.no_grad()`, where autograd neither tracks nor forbids it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.words import write_site
from gradguard.text.document import content_of
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot

_INDENT = "    "


def under_no_grad(situation: Situation) -> Iterator[Candidate]:
    """`w -= 0.1 * w.grad` → the same in a `with torch.no_grad():` block."""
    spot = situation.spot(write_site(situation.finding))
    if spot is None or not spot.owns_lines or not isinstance(spot.statement, ast.Assign | ast.AugAssign | ast.Expr):
        return
    is_update = any(isinstance(node, ast.Attribute) and node.attr == "grad" for node in ast.walk(spot.statement))
    key = "fix.no_grad.update" if is_update else "fix.no_grad.untracked"
    yield Candidate(
        situation.texts.say(key), (in_block(spot, "with torch.no_grad():"),), "safe" if is_update else "unsafe"
    )


def constant_under_no_grad(situation: Situation) -> Iterator[Candidate]:
    """`y += 1` in a `with torch.no_grad():` block: adding a constant leaves every gradient as it is."""
    spot = situation.spot(write_site(situation.finding))
    if spot is None or not spot.owns_lines:
        return
    match spot.statement:
        case ast.AugAssign(op=ast.Add() | ast.Sub(), target=ast.Name(), value=ast.Constant()):
            edit = in_block(spot, "with torch.no_grad():")
            yield Candidate(situation.texts.say("fix.no_grad.constant"), (edit,), "safe")


def in_block(spot: Spot, header: str) -> Edit:
    """An edit that puts the statement of `spot` into a block with `header`, one level further in."""
    lines = spot.source.document.lines
    place = spot.range_of(spot.statement)
    first = lines[place.start_line]
    indent = first[: place.start_column]
    end = first[len(content_of(first)) :] or "\n"
    step = "\t" if indent.startswith("\t") else _INDENT
    body = [lines[at] for at in range(place.start_line, place.end_line + 1)]
    # Lines inside a string belong to its value and must stay where they are.
    inside = _string_lines(spot)
    moved = [
        line if number in inside or not line.strip() else step + line
        for number, line in enumerate(body, place.start_line)
    ]
    text = f"{indent}{header}{end}" + "".join(moved)
    last = len(content_of(lines[place.end_line]))
    return Edit(Place(spot.source.path, Range(place.start_line, 0, place.end_line, last)), text.rstrip("\r\n"))


def _string_lines(spot: Spot) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(spot.statement):
        if isinstance(node, ast.Constant | ast.JoinedStr) and isinstance(getattr(node, "value", ""), str):
            place = spot.range_of(node)
            found.update(range(place.start_line + 1, place.end_line + 1))
    return found
