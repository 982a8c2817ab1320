"""Updates and writes that come too early: moved behind the backward that needs the old values, or the forward moved behind them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import is_no_tensor, path_of, root_of
from gradguard.fixes.words import event_of, save_of, shortened, site_or_none, write_site
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradguard.fixes.situation import Situation, Spot


def update_moved(situation: Situation) -> Iterator[Candidate]:
    """`opt.step()` → behind the last backward of the same block that needs the parameters."""
    for write, later in _in_one_block(situation):
        block = write.block
        start, end = block.index(write.statement), block.index(later)
        if not 0 <= start < end or not write.owns_lines:
            continue
        between = {name for each in block[start + 1 : end + 1] for name in named_in(each)}
        if not isinstance(write.statement, ast.Expr) and bound_names(write.statement) & between:
            continue  # The loss needs what the statement computes besides writing.
        if write.site.kind != "optimizer" and {root_of(_called(write.statement))} & between:
            continue  # A method of the user's own may do more than write.
        manner = "update" if write.site.kind == "optimizer" else "write"
        yield Candidate(
            situation.texts.say(f"fix.move.{manner}", code=shortened(path_of(write.statement)), behind=_show(later)),
            _moved(write, [write.statement], later),
            "unsafe",
        )


def forward_moved(situation: Situation) -> Iterator[Candidate]:
    """The statements that compute the later loss → behind the update, so that they see the new parameters."""
    save = save_of(situation.finding)
    for write, later in _in_one_block(situation):
        block = write.block
        start, end = block.index(write.statement), block.index(later)
        needed = _only_for(block, start, end)
        if save is None or not needed or not all(owns(write, each) for each in needed):
            continue
        yield Candidate(
            situation.texts.say("fix.move.forward", behind=_show(write.statement)),
            _moved(write, needed, write.statement),
            "unsafe",
        )


def crossing_detached(situation: Situation) -> Iterator[Candidate]:
    """What was computed before the update and is used after it → detached where it is used."""
    for write, later in _in_one_block(situation):
        block = write.block
        start, end = block.index(write.statement), block.index(later)
        before = _computed_from_save(situation, block[:start])
        edits = [
            Edit(Place(write.source.path, write.range_of_any(node)), f"{node.id}.detach()")
            for statement in block[start + 1 : max(start, end)]
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in before
            if not is_no_tensor(write, node.id)
        ]
        if edits:
            names = ", ".join(dict.fromkeys(edit.new_text for edit in edits))
            yield Candidate(situation.texts.say("fix.detach.argument", code=shortened(names)), tuple(edits), "unsafe")


def _computed_from_save(situation: Situation, statements: Sequence[ast.stmt]) -> set[str]:
    """The names that `statements` give to what the saving operator, or the call that led to it, returned and to its heirs."""
    save = save_of(situation.finding)
    site = None if save is None else site_or_none(save.origin)
    names: set[str] = set()
    saving: set[int] = set()
    for each in (site, *site.calls) if site is not None else ():
        spot = situation.spot(each)
        saving.update(id(node) for node in (() if spot is None else spot.nodes))
    for statement in statements:
        if id(statement) in saving or _loaded(statement) & names:
            names |= _stored(statement)
    return names


def recomputed(situation: Situation) -> Iterator[Candidate]:
    """The statement whose result the later backward needs is run again: behind the update, or at the loop's beginning."""
    save = save_of(situation.finding)
    site = None if save is None else site_or_none(save.origin)
    backward = event_of(situation.finding, "backward")
    later = None if backward is None else situation.spot(site_or_none(backward.origin))
    for each in (site, *reversed(site.calls)) if site is not None else ():
        made = situation.spot(each)
        if made is None or not isinstance(made.statement, ast.Assign) or not made.owns_lines:
            continue
        code = made.source.document.text_in(made.range_of(made.statement))
        if "\n" in code or "\r" in code:
            continue
        title = situation.texts.say("fix.recompute", code=shortened(code))
        for write, _ in _in_one_block(situation):
            if _in_one_scope(write, made) and write.owns_lines:
                reader = _next_reader(write, bound_names(made.statement))
                if reader is not None:
                    yield Candidate(title, (write.inserted_before(reader, code),), "unsafe")
                yield Candidate(title, (write.inserted_after(write.statement, code),), "unsafe")
        if later is not None and later.loops and _in_one_scope(later, made):
            yield Candidate(title, (later.inserted_before(later.loops[-1].body[0], code),), "unsafe")


def _next_reader(write: Spot, names: set[str]) -> ast.stmt | None:
    """The first statement behind the write, in its block, that reads one of `names`: other writes may stand in between."""
    following = write.block[write.block.index(write.statement) + 1 :]
    return next((each for each in following if _loaded(each) & names and owns(write, each)), None)


def view_moved(situation: Situation) -> Iterator[Candidate]:
    """`parts = x.unbind(1)` → behind the write to `x`, so that the views see what was written and stay usable."""
    view = event_of(situation.finding, "view")
    made = None if view is None else situation.spot(site_or_none(view.origin))
    write = situation.spot(write_site(situation.finding))
    if made is None or write is None or made.statement not in write.block or not made.owns_lines:
        return
    start, end = write.block.index(made.statement), write.block.index(write.statement)
    statement = made.statement
    if start >= end or not isinstance(statement, ast.Assign) or not write.owns_lines:
        return
    stored = _stored(statement)
    if not stored or any(stored & named_in(each) for each in write.block[start + 1 : end + 1]):
        return
    yield Candidate(
        situation.texts.say("fix.move.view", code=_show(made.statement), behind=_show(write.statement)),
        _moved(write, [made.statement], write.statement),
        "safe",
    )


def _in_one_block(situation: Situation) -> Iterator[tuple[Spot, ast.stmt]]:
    """The write and the statement of the later backward in one block: the statements round them, or calls that lead there."""
    backward = event_of(situation.finding, "backward")
    write_at = write_site(situation.finding)
    backward_at = None if backward is None else site_or_none(backward.origin)
    if write_at is None or backward_at is None:
        return
    for writing in (write_at, *reversed(write_at.calls)):
        inner = situation.spot(writing)
        for spot in () if inner is None else inner.outwards():
            for needing in (backward_at, *reversed(backward_at.calls)):
                later = situation.spot(needing)
                nodes = () if later is None else later.nodes
                statement = next((node for node in nodes if isinstance(node, ast.stmt) and node in spot.block), None)
                if statement is not None and statement is not spot.statement:
                    yield spot, statement
                    return


def _in_one_scope(one: Spot, other: Spot) -> bool:
    return one.source.path == other.source.path and one.function is other.function


def _only_for(block: Sequence[ast.stmt], start: int, end: int) -> list[ast.stmt]:
    """The assignments before `start` from which the statement at `end` computes, and which nothing up to `start` reads."""
    wanted = _loaded(block[end])
    chosen: list[ast.stmt] = []
    for statement in reversed(block[:start]):
        stored = _stored(statement)
        between = [each for each in block[block.index(statement) + 1 : start + 1] if each not in chosen]
        read_before = {name for each in between for name in named_in(each)}
        if stored and stored & wanted and not stored & read_before:
            chosen.insert(0, statement)
            wanted |= _loaded(statement)
    return chosen if end > start else []


def _loaded(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def bound_names(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, in it or in its block."""
    return {
        each.id for each in ast.walk(statement) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    }


def named_in(node: ast.AST) -> set[str]:
    """Every name that stands in `node`, read or bound."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _stored(statement: ast.stmt) -> set[str]:
    if not isinstance(statement, ast.Assign):
        return set()
    targets = [part for target in statement.targets for part in ast.walk(target)]
    if any(isinstance(part, ast.Attribute | ast.Subscript) for part in targets):
        return set()
    return {part.id for part in targets if isinstance(part, ast.Name)}


def _called(statement: ast.stmt) -> ast.AST:
    """What a statement that is one call calls, else the statement."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=receiver))):
            return receiver
    return statement


def owns(spot: Spot, statement: ast.stmt) -> bool:
    """Whether no other statement stands on the first and last line of `statement`."""
    lines = spot.source.document.lines
    place = spot.range_of(statement)
    after = lines[place.end_line][place.end_column :].strip()
    return not lines[place.start_line][: place.start_column].strip() and (not after or after.startswith("#"))


def _moved(spot: Spot, statements: Sequence[ast.stmt], behind: ast.stmt) -> tuple[Edit, ...]:
    """The edits that take the lines of `statements` away and put them, as they are, behind `behind`."""
    lines = spot.source.document.lines
    edits, taken = [], []
    for statement in statements:
        place = spot.range_of(statement)
        taken.append("".join(lines[place.start_line : place.end_line + 1]))
        edits.append(Edit(Place(spot.source.path, Range(place.start_line, 0, place.end_line + 1, 0)), ""))
    last = spot.range_of(behind).end_line + 1
    text = "".join(taken)
    if last >= len(lines):
        return ()
    if lines[last - 1] and not lines[last - 1].endswith(("\n", "\r")):
        return ()
    return (*edits, Edit(Place(spot.source.path, Range(last, 0, last, 0)), text))


def moved_into(
    spot: Spot, statements: Sequence[ast.stmt], loop: ast.For | ast.AsyncFor | ast.While
) -> tuple[Edit, ...]:
    """The edits that take the lines of `statements` away and put them at the beginning of the body of `loop`."""
    lines = spot.source.document.lines
    if not all(owns(spot, each) for each in statements):
        return ()
    first = spot.range_of_any(loop.body[0])
    if lines[first.start_line][: first.start_column].strip():
        return ()
    indent = lines[first.start_line][: first.start_column]
    edits, text = [], ""
    for statement in statements:
        place = spot.range_of(statement)
        if place.end_line != place.start_line:
            return ()
        edits.append(Edit(Place(spot.source.path, Range(place.start_line, 0, place.end_line + 1, 0)), ""))
        text += indent + lines[place.start_line].lstrip(" \t")
    return (*edits, Edit(Place(spot.source.path, Range(first.start_line, 0, first.start_line, 0)), text))


def _show(statement: ast.stmt) -> str:
    return shortened(path_of(statement).split("\n")[0])
