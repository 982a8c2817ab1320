"""An intermediate variable: the new values get a name of their own, and the later uses take it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import is_shared, reads_later, rebound_later
from gradguard.fixes.rewriting import out_of_place
from gradguard.fixes.words import loses_history, shortened, write_site
from gradguard.text.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot

SUFFIX = "_modified"


def variable(situation: Situation) -> Iterator[Candidate]:
    """`y += 1; z = f(y)` → `y_modified = y + 1; z = f(y_modified)`; only where each later use surely sees the new values."""
    import libcst as cst

    spot = situation.spot(write_site(situation.finding))
    if spot is None or not isinstance(spot.statement, ast.AugAssign) or spot.loops or loses_history(situation.finding):
        return
    target = spot.statement.target
    if not isinstance(target, ast.Name) or not _runs_straight_on(spot) or rebound_later(spot, target.id):
        return
    reads = reads_later(spot, target.id)
    if not reads:
        return
    new_name = _unused(spot, target.id + SUFFIX)
    snippet = spot.snippet()
    old = snippet.node_at(spot.range_of(spot.statement), cst.AugAssign)
    made = None if old is None else out_of_place(old)
    if old is None or made is None:
        return
    made = made.with_changes(targets=[cst.AssignTarget(cst.Name(new_name))])
    renamed = tuple(Edit(Place(spot.source.path, place), new_name) for place in reads)
    yield Candidate(
        situation.texts.say("fix.intermediate", code=shortened(snippet.code_of(made)), count=len(renamed)),
        (snippet.replaced(old, made), *renamed),
        "unsafe" if is_shared(spot, target) else "safe",
        repeatable=False,
    )


def _runs_straight_on(spot: Spot) -> bool:
    """Whether the statement stands directly in its scope's body, so that nothing can skip it and reach a later use."""
    return spot.statement in spot.scope_body


def _unused(spot: Spot, wanted: str) -> str:
    text = spot.source.text
    number = 2
    name = wanted
    while name in text:
        name = f"{wanted}{number}"
        number += 1
    return name
