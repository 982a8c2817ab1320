"""A graph used where it should not be: the argument of a saving call is detached, or the graph is kept for another backward."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.analysis.results import WriteRecord
from gradguard.fixes.candidate import Candidate
from gradguard.fixes.names import is_no_tensor
from gradguard.fixes.ordering import bound_names, moved_into, named_in
from gradguard.fixes.rewriting import method_call
from gradguard.fixes.words import event_of, save_of, shortened, site_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradguard.fixes.situation import Situation


def computed_anew(situation: Situation) -> Iterator[Candidate]:
    """What was computed once before the loop that backpropagates it in every round → computed in the loop."""
    save_at = save_of(situation.finding)
    origin = save_at.origin if save_at is not None else getattr(_hazard(situation), "save_origin", None)
    needing = event_of(situation.finding, "second") or event_of(situation.finding, "backward")
    made = situation.spot(site_or_none(origin))
    later = None if needing is None else situation.spot(site_or_none(needing.origin))
    if made is None or later is None or not isinstance(made.statement, ast.Assign):
        return
    loop = next((each for each in later.loops if each in made.block), None)
    if loop is None or made.block.index(made.statement) > made.block.index(loop):
        return
    start = made.block.index(made.statement)
    moved = [made.statement]
    for statement in made.block[start + 1 : made.block.index(loop)]:
        if isinstance(statement, ast.Assign) and bound_names(statement) and named_in(statement) & _bound_by(moved):
            moved.append(statement)
    if named_in(_header(loop)) & _bound_by(moved):
        return  # The loop runs over it.
    yield Candidate(
        situation.texts.say("fix.move.loop", code=shortened(ast.unparse(made.statement))),
        moved_into(made, moved, loop),
        "unsafe",
    )


def _header(loop: ast.For | ast.AsyncFor | ast.While) -> ast.expr:
    return loop.test if isinstance(loop, ast.While) else loop.iter


def _bound_by(statements: Sequence[ast.stmt]) -> set[str]:
    return {name for statement in statements for name in bound_names(statement)}


def _hazard(situation: Situation) -> object:
    evidence = situation.finding.evidence
    return None if isinstance(evidence, WriteRecord) else evidence.hazard


def argument_detached(situation: Situation) -> Iterator[Candidate]:
    """`disc(fake)` → `disc(fake.detach())`: no gradient goes on through that argument."""
    save = save_of(situation.finding)
    site = None if save is None else site_or_none(save.origin)
    for each in (*site.calls, site) if site is not None else ():
        spot = situation.spot(each)
        call = (
            None if spot is None else next((node for node in reversed(spot.nodes) if isinstance(node, ast.Call)), None)
        )
        if spot is None or call is None:
            continue
        for argument in call.args:
            if not isinstance(argument, ast.Name) or is_no_tensor(spot, argument.id):
                continue
            snippet = spot.snippet()
            old = snippet.expression_at(spot.range_of(argument))
            if old is not None:
                new = method_call(old, "detach")
                yield Candidate(
                    situation.texts.say("fix.detach.argument", code=shortened(snippet.code_of(new))),
                    (snippet.replaced(old, new),),
                    "unsafe",
                )


def graph_retained(situation: Situation) -> Iterator[Candidate]:
    """`a.backward()` → `a.backward(retain_graph=True)` at the backward that frees what the second one needs."""
    import libcst as cst

    first, second = event_of(situation.finding, "first"), event_of(situation.finding, "second")
    if first is None or second is None:
        return
    spot, again = situation.spot(site_or_none(first.origin)), situation.spot(site_or_none(second.origin))
    if spot is None or again is None or not isinstance(spot.expression, ast.Call):
        return
    if spot.expression is again.expression:
        return  # In a loop the graph would grow with every round.
    if any(keyword.arg in ("retain_graph", None) for keyword in spot.expression.keywords):
        return
    snippet = spot.snippet()
    old = snippet.node_at(spot.range_of(spot.expression), cst.Call)
    if old is None:
        return
    flag = cst.Arg(
        keyword=cst.Name("retain_graph"),
        value=cst.Name("True"),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    kept = list(old.args)
    if kept and isinstance(kept[-1].comma, cst.MaybeSentinel):
        kept[-1] = kept[-1].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
    new = old.with_changes(args=[*kept, flag])
    yield Candidate(
        situation.texts.say("fix.retain_graph", code=shortened(snippet.code_of(new))),
        (snippet.replaced(old, new),),
        "unsafe",
    )
