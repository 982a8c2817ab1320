"""Views made under `no_grad` and written outside it: the view is made outside as well, where autograd records it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import path_of
from gradguard.fixes.ordering import owns
from gradguard.fixes.words import event_of, shortened, site_or_none
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot


def moved_out(situation: Situation) -> Iterator[Candidate]:
    """`with torch.no_grad():` round `v = x[:2]` → the assignment before or behind the block, or in its place."""
    view = event_of(situation.finding, "view")
    made = None if view is None else situation.spot(site_or_none(view.origin))
    block = None if made is None else _no_grad_block(made)
    if made is None or block is None or not owns(made, made.statement):
        return
    place, body = made.range_of(made.statement), block.body
    if place.end_line != place.start_line:
        return
    path, lines = made.source.path, made.source.document.lines
    head = made.range_of(block)
    line = lines[head.start_line][: head.start_column] + lines[place.start_line][place.start_column :]
    taken = Edit(Place(path, Range(place.start_line, 0, place.end_line + 1, 0)), "")
    if len(body) == 1:
        edits: tuple[Edit, ...] = (Edit(Place(path, Range(head.start_line, 0, place.start_line, 0)), ""),)
        edits = (*edits, Edit(taken.place, line))
    elif made.statement is body[0]:
        edits = (Edit(Place(path, Range(head.start_line, 0, head.start_line, 0)), line), taken)
    elif made.statement is body[-1]:
        edits = (Edit(taken.place, line),)
    else:
        return
    title = situation.texts.say("fix.no_grad.out", code=shortened(path_of(made.statement)))
    yield Candidate(title, edits, "unsafe")


def _no_grad_block(spot: Spot) -> ast.With | None:
    """The `with torch.no_grad():` in whose body the statement of `spot` stands, on lines of its own."""
    for node in spot.nodes:
        if isinstance(node, ast.With) and spot.statement in node.body and owns(spot, node):
            match node.items:
                case [ast.withitem(context_expr=ast.Call(func=ast.Attribute(attr="no_grad")), optional_vars=None)]:
                    return node
    return None
