"""State carried from one iteration to the next: detached, so that the next graph does not reach back into the last one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.names import path_of
from gradguard.fixes.words import event_of, shortened, site_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot


def detached(situation: Situation) -> Iterator[Candidate]:
    """`h = h.detach()` before the statement of the loop body that carries `h` on, for every variable that is carried."""
    spot = _loop_spot(situation)
    if spot is None or not spot.loops:
        return
    loop = spot.loops[-1]
    for target, use in _carried(loop):
        first = next((each for each in loop.body if _encloses(each, use)), None)
        if first is None:
            continue
        path = path_of(target)
        for code in (f"{path} = {path}.detach()", f"{path} = tuple(each.detach() for each in {path})"):
            yield Candidate(
                situation.texts.say("fix.detach.carried", code=shortened(code)),
                (spot.inserted_after(loop.body[-1], code),),
                "unsafe",
            )


def _loop_spot(situation: Situation) -> Spot | None:
    """The backward that needs what another iteration made, or the call in a loop through which it is reached."""
    second, backward = event_of(situation.finding, "second"), event_of(situation.finding, "backward")
    for site in [site_or_none(event.origin) for event in (second, backward) if event is not None]:
        for each in (site, *reversed(site.calls)) if site is not None else ():
            spot = situation.spot(each)
            if spot is not None and spot.loops:
                return spot
    return None


def _carried(loop: ast.For | ast.AsyncFor | ast.While) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Variables that the body reads before it assigns them, and assigns: (target, first read)."""
    assigned: dict[str, ast.expr] = {}
    for statement in loop.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
                assigned.setdefault(path_of(node), node)
    seen: set[str] = set()
    for statement in loop.body:
        for node in _reads_first(statement):
            path = path_of(node)
            if path in assigned and path not in seen and isinstance(node.ctx, ast.Load):
                yield assigned[path], node
            seen.add(path)


def _reads_first(statement: ast.stmt) -> list[ast.Name | ast.Attribute]:
    """Names and attributes of a statement in the order of evaluation: what is read, then what is assigned."""
    nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name | ast.Attribute)]
    return sorted(nodes, key=lambda node: isinstance(node.ctx, ast.Store))


def _encloses(statement: ast.stmt, node: ast.expr) -> bool:
    return any(inner is node for inner in ast.walk(statement))
