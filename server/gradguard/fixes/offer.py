"""Which fixes are offered for a finding: every proposal is tried out by analysing the changed text again.

A fix is offered if its finding is gone, no error or warning is there that was not there
before, and the run gets as far. Where the first write of a
mistake hid a second one (`a /= n; b /= n`), the same strategy goes on to it, and the edits are offered together.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from gradguard.fixes import (
    carried_state,
    cloning,
    custom_function,
    data_write,
    intermediate,
    leaf_update,
    module_flag,
    ordering,
    out_of_place,
    reuse,
    stacking,
    suppression,
)
from gradguard.fixes.fix import Edit, Fix, applied
from gradguard.fixes.situation import Situation
from gradguard.text.document import split_lines
from gradguard.text.places import Place, Range
from gradguard.text.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.candidate import Candidate, Strategy
    from gradguard.fixes.trial import Reanalyse, Trial
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts

MOST_WRITES = 8
"""How many writes of one mistake are changed together."""

MOST_TRIALS = 16
"""How many proposals of one strategy are analysed; a file may make fifty modules with `inplace=True`."""

_OUT_OF_PLACE: tuple[Strategy, ...] = (out_of_place.augmented, out_of_place.method, out_of_place.function)
_CLONES: tuple[Strategy, ...] = (cloning.before_write, cloning.at_save)
_ORDER: tuple[Strategy, ...] = (
    ordering.forward_moved,
    ordering.update_moved,
    reuse.argument_detached,
    ordering.crossing_detached,
    ordering.recomputed,
)

STRATEGIES: dict[str, tuple[Strategy, ...]] = {
    "GG101": (*_OUT_OF_PLACE, *_CLONES, stacking.rows_collected, intermediate.variable, ordering.update_moved),
    "GG102": (*_ORDER, carried_state.detached, carried_state.on_objects, reuse.computed_anew, cloning.at_save),
    "GG103": (*_OUT_OF_PLACE, module_flag.dropped, cloning.at_save),
    "GG104": (*_OUT_OF_PLACE, *_CLONES, stacking.rows_collected, carried_state.detached, carried_state.on_objects),
    "GG105": (out_of_place.method, cloning.at_save),
    "GG201": (leaf_update.under_no_grad, *_OUT_OF_PLACE, module_flag.dropped, cloning.before_write),
    "GG202": (leaf_update.under_no_grad, *_OUT_OF_PLACE, cloning.before_write),
    "GG203": (*_OUT_OF_PLACE, ordering.view_moved, cloning.before_write),
    "GG204": (cloning.at_view, *_OUT_OF_PLACE, cloning.before_write),
    "GG205": (*_OUT_OF_PLACE, cloning.before_write, cloning.at_use),
    "GG206": (*_OUT_OF_PLACE, cloning.at_view, cloning.before_write),
    "GG301": (data_write.out_of_data, cloning.at_save, ordering.update_moved),
    "GG302": (cloning.at_save, ordering.update_moved),
    "GG401": (custom_function.marked_dirty, *_OUT_OF_PLACE, *_CLONES, cloning.at_use),
    "GG402": (*_OUT_OF_PLACE, cloning.before_write),
    "GG501": (carried_state.detached, carried_state.on_objects, reuse.computed_anew, reuse.graph_retained),
    "GG901": (*_OUT_OF_PLACE, intermediate.variable, leaf_update.constant_under_no_grad, cloning.before_write),
}
"""What is tried for each rule, best first."""


def fixes_for(finding: Finding, source: SourceFile, texts: Texts, reanalyse: Reanalyse) -> tuple[Fix, ...]:
    """The fixes of `finding`, all edits in `source`: checked ones by merit, then the suppressing comment.

    `reanalyse`: what an analysis says of the file with another text, in the language of `texts`.
    """
    situation = Situation(finding, source, texts)
    before = reanalyse(source.text)
    fixes: list[Fix] = []
    seen: set[str] = set()
    for strategy in STRATEGIES.get(finding.code, ()):
        fix = _first_that_works(strategy, situation, before, reanalyse, seen)
        if fix is not None:
            fixes.append(fix)
    best = next((at for at, fix in enumerate(fixes) if fix.grade == "safe" and fix.kind == "quickfix"), None)
    if best is not None and finding.severity != "hint":
        first = fixes[best]
        fixes[best] = Fix(first.title, first.edits, first.grade, preferred=True, kind=first.kind)
    fixes.extend(Fix(each.title, each.edits, each.grade, kind=each.kind) for each in suppression.comment(situation))
    return tuple(fixes)


def _first_that_works(
    strategy: Strategy,
    situation: Situation,
    before: Trial,
    reanalyse: Reanalyse,
    seen: set[str],
) -> Fix | None:
    text = situation.source.text
    for trial, candidate in enumerate(strategy(situation)):
        if trial >= MOST_TRIALS:
            break
        if not candidate.edits:
            continue
        changed = applied(text, candidate.edits)
        if changed in seen:
            continue
        final = _cured(strategy, situation, candidate, changed, before, reanalyse)
        if final is not None and final not in seen:
            seen.add(final)
            edits = candidate.edits if final == changed else tuple(_difference(situation.source.path, text, final))
            return Fix(candidate.title, edits, candidate.grade, kind=candidate.kind)
    return None


def _cured(
    strategy: Strategy,
    situation: Situation,
    candidate: Candidate,
    changed: str,
    before: Trial,
    reanalyse: Reanalyse,
) -> str | None:
    """The text in which the finding is gone and nothing new is there, after going on to writes that it hid; else None."""
    finding = situation.finding
    source = situation.source
    for _ in range(MOST_WRITES):
        if _broken_lines(SourceFile(source.path, changed)) > _broken_lines(situation.source):
            return None
        after = reanalyse(changed)
        if not after.cures(finding, before) or after.breaks_off(before):
            return None
        new = after.new_since(before)
        if not new:
            return changed
        following = next((each for each in new if each.code[:3] == finding.code[:3]), None)
        if following is None or not candidate.repeatable or following.place.path != source.path:
            return None
        source = SourceFile(source.path, changed, source.version)
        further = next(iter(strategy(Situation(following, source, situation.texts))), None)
        if further is None or not further.edits:
            return None
        changed = applied(changed, further.edits)
    return None


def _broken_lines(source: SourceFile) -> int:
    return sum(len(chunk.holes) for chunk in source.chunks)


def _difference(path: str, old: str, new: str) -> Iterator[Edit]:
    """Edits of whole lines that turn `old` into `new`."""
    old_lines, new_lines = split_lines(old), split_lines(new)
    for tag, start, end, new_start, new_end in SequenceMatcher(
        None, old_lines, new_lines, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield Edit(Place(path, _lines(old_lines, start, end)), "".join(new_lines[new_start:new_end]))


def _lines(lines: list[str], start: int, end: int) -> Range:
    if end < len(lines):
        return Range(start, 0, end, 0)
    return Range(start, 0, len(lines) - 1, len(lines[-1]))
