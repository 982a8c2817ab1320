"""A picture of the tape for one function: what is saved, written and needed, tensor by tensor, from top to bottom.

Rows are lines of source, in which time runs downwards as it does in the text; a lane is a tensor. The picture shows what the
analysis recorded: the in-place writes, the saves before them, and for each finding the write, the save and the backward at odds.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Literal

from gradguard.analysis.results import Found
from gradguard.interpreter.sites import Site
from gradguard.rules.wording import saved_expression, say_operator, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gradguard.analysis.results import WriteRecord
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.text.places import Place
    from gradguard.text.source import SourceFile


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One event of a tensor. `version`: the counter at a save or for a backward's need, and after a write; in a line it gives
    the order, as a statement's save comes before its write.

    `broken`: it takes part in a finding that is an error or a warning.
    """

    line: int
    version: int
    column: int
    kind: Literal["save", "write", "need"]
    label: str
    broken: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Lane:
    """A tensor by the name under which it is written, and its events in order of the text."""

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """`rows`: line number (0-based) and text of the lines where something happens."""

    title: str
    rows: tuple[tuple[int, str], ...]
    lanes: tuple[Lane, ...]


def timeline_at(
    source: SourceFile, line: int, findings: Iterable[Finding], writes: Iterable[WriteRecord], texts: Texts
) -> Timeline | None:
    """The timeline of the innermost function around `line` (0-based), else of the module's own statements.

    None if nothing is written in place there.
    """
    name, first, last = _scope(source, line)
    lanes: dict[str, set[Mark]] = {}
    for target, mark in (*_of_findings(findings, source.path, texts), *_of_writes(writes, texts)):
        lanes.setdefault(target, set()).add(mark)
    marks = {
        target: _without_doubles(events)
        for target, events in lanes.items()
        if any(event.kind == "write" and _inside(event, source, name, first, last) for event in events)
    }
    if not marks:
        return None
    shown = sorted({mark.line for events in marks.values() for mark in events if mark.place.path == source.path})
    text = dedent("".join(source.document.lines[number].rstrip() + "\n" for number in shown)).splitlines()
    title = texts.say("timeline.function", name=name) if name else texts.say("timeline.module")
    return Timeline(
        title,
        tuple(zip(shown, text, strict=True)),
        tuple(Lane(target, events) for target, events in sorted(marks.items(), key=lambda lane: lane[1][0])),
    )


def _scope(source: SourceFile, line: int) -> tuple[str, int, int]:
    """Name, first and last line of the innermost function around `line`; without one, no name and the whole file."""
    innermost = ("", 0, len(source.document.lines))
    for chunk in source.chunks:
        if not chunk.start_line <= line <= chunk.end_line:
            continue
        for node in (node for statement in chunk.tree for node in ast.walk(statement)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                place = chunk.place_of(chunk.range_of(node)).range
                if place.start_line <= line <= place.end_line and place.start_line >= innermost[1]:
                    innermost = (node.name, place.start_line, place.end_line)
    return innermost


def _inside(mark: Mark, source: SourceFile, name: str, first: int, last: int) -> bool:
    if mark.place.path != source.path or not first <= mark.line <= last:
        return False
    return bool(name) or not _scope(source, mark.line)[0]


def _of_findings(findings: Iterable[Finding], path: str, texts: Texts) -> Iterator[tuple[str, Mark]]:
    """The marks of each hazard, on the lane of what was written."""
    for finding in findings:
        if not isinstance(finding.evidence, Found) or finding.place.path != path:
            continue
        hazard = finding.evidence.hazard
        write, save = getattr(hazard, "write", None), getattr(hazard, "save", None)
        if write is None or not isinstance(write.origin, Site):
            continue
        target = _lane_of(write.origin)
        yield target, _mark("write", write.origin, write.version, texts.say("timeline.written"), True)
        if save is not None and isinstance(save.origin, Site):
            label = texts.say("timeline.saved", operator=say_operator(save))
            yield target, _mark("save", save.origin, save.version, label, True)
        backward = getattr(hazard, "backward", None)
        if backward is not None and isinstance(backward.origin, Site):
            version = write.version if save is None else save.version
            yield target, _mark("need", backward.origin, version, texts.say("timeline.needed"), True)


def _of_writes(writes: Iterable[WriteRecord], texts: Texts) -> Iterator[tuple[str, Mark]]:
    """The marks of every write, and of the saves that came before it."""
    for write in writes:
        target = _lane_of(write.site)
        yield target, _mark("write", write.site, write.version_after, texts.say("timeline.written"), False)
        for save in write.saved_before:
            if isinstance(save.origin, Site) and saved_expression(save) in ("", target):
                label = texts.say("timeline.saved", operator=say_operator(save))
                yield target, _mark("save", save.origin, save.version, label, False)


def _lane_of(site: Site) -> str:
    """What is written, without the in-place calls of a chain: `x` for the second write of `x.mul_(2).add_(1)`."""
    target = target_of(site)
    try:
        node = ast.parse(target, mode="eval").body
    except SyntaxError:
        return target  # A name that no expression has, such as that of a buffer.
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.endswith("_"):
        node = node.func.value
    return ast.unparse(node)


def _mark(kind: Literal["save", "write", "need"], site: Site, version: int, label: str, broken: bool) -> Mark:
    place = site.place()
    # A backward that is assumed happens when the function has returned.
    line = place.range.end_line if site.kind == "assumed" else place.range.start_line
    return Mark(line, version, place.range.start_column, kind, label, broken, place)


def _without_doubles(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """One mark for each kind and place: a broken one counts more than a plain one, and an earlier version more than a later."""
    best: dict[tuple[str, Place], Mark] = {}
    for mark in sorted(marks, key=lambda each: (not each.broken, each.version)):
        best.setdefault((mark.kind, mark.place), mark)
    return tuple(sorted(best.values()))
