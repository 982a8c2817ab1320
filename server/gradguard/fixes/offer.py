"""Which fixes are offered for a finding: every proposal is tried out by analysing the changed text again.

A fix is offered if its finding is gone, no error or warning is there that was not there
before, and the run gets as far. Where the first write of a
mistake hid a second one (`a /= n; b /= n`), the same strategy goes on to it, and the edits are offered together.
"""

from __future__ import annotations

import contextlib
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from gradguard.fixes import (
    carried_state,
    choosing,
    cloning,
    custom_function,
    data_write,
    grad_mode,
    inference,
    intermediate,
    leaf_update,
    module_flag,
    ordering,
    out_of_place,
    parameters,
    reuse,
    stacking,
    suppression,
)
from gradguard.fixes.files import ChangedFiles
from gradguard.fixes.fix import Edit, Fix
from gradguard.fixes.situation import Situation
from gradguard.fixes.snippet import Unreadable
from gradguard.text.document import split_lines
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradguard.fixes.candidate import Candidate, Strategy
    from gradguard.fixes.files import Files
    from gradguard.fixes.fix import Grade
    from gradguard.fixes.trial import Reanalyse, Trial
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.text.source import SourceFile

MOST_WRITES = 8
"""How many writes of one mistake are changed together."""

MOST_TRIALS = 16
"""How many proposals of one strategy are analysed; a file may make fifty modules with `inplace=True`."""

MOST_ANALYSES = 40
"""How many texts are analysed for one finding: the light bulb must not keep its user waiting."""

_OUT_OF_PLACE: tuple[Strategy, ...] = (out_of_place.augmented, out_of_place.method, out_of_place.function)
_CLONES: tuple[Strategy, ...] = (cloning.before_write, cloning.at_save)
_CARRIED: tuple[Strategy, ...] = (carried_state.detached, carried_state.kept_detached, carried_state.on_objects)
_ORDER: tuple[Strategy, ...] = (
    ordering.forward_moved,
    ordering.update_moved,
    reuse.argument_detached,
    ordering.crossing_detached,
    ordering.recomputed,
)

STRATEGIES: dict[str, tuple[Strategy, ...]] = {
    "GG101": (
        *_OUT_OF_PLACE,
        choosing.chosen,
        *_CLONES,
        stacking.rows_collected,
        intermediate.variable,
        ordering.update_moved,
    ),
    "GG102": (*_ORDER, *_CARRIED, reuse.computed_anew, cloning.at_save, parameters.copied),
    "GG103": (*_OUT_OF_PLACE, module_flag.dropped, module_flag.unset, cloning.at_save),
    "GG104": (*_OUT_OF_PLACE, choosing.chosen, *_CLONES, stacking.rows_collected, *_CARRIED, parameters.copied),
    "GG105": (out_of_place.method, cloning.at_save),
    "GG201": (leaf_update.under_no_grad, *_OUT_OF_PLACE, module_flag.dropped, cloning.before_write),
    "GG202": (leaf_update.under_no_grad, *_OUT_OF_PLACE, cloning.before_write),
    "GG203": (*_OUT_OF_PLACE, ordering.view_moved, cloning.before_write),
    "GG204": (cloning.at_view, *_OUT_OF_PLACE, cloning.before_write),
    "GG205": (*_OUT_OF_PLACE, inference.made_under_no_grad, cloning.before_write, cloning.at_use),
    "GG206": (grad_mode.moved_out, *_OUT_OF_PLACE, cloning.at_view, cloning.before_write),
    "GG301": (data_write.out_of_data, cloning.at_save, ordering.update_moved, parameters.copied),
    "GG302": (cloning.at_save, ordering.update_moved),
    "GG401": (custom_function.marked_dirty, custom_function.returned, *_OUT_OF_PLACE, *_CLONES, cloning.at_use),
    "GG402": (*_OUT_OF_PLACE, cloning.before_write),
    "GG501": (*_CARRIED, reuse.computed_anew, reuse.graph_retained),
    "GG901": (
        *_OUT_OF_PLACE,
        choosing.chosen,
        intermediate.variable,
        leaf_update.constant_under_no_grad,
        cloning.before_write,
    ),
}
"""What is tried for each rule, best first."""


def fixes_for(finding: Finding, files: Files, texts: Texts, reanalyse: Reanalyse) -> tuple[Fix, ...]:
    """The fixes of `finding`, all edits in `files`: checked ones by merit, then the suppressing comment.

    `reanalyse`: what an analysis says of the files with other texts, in the language of `texts`.
    """
    situation = Situation(finding, files, texts)
    tryout = _Tryout(situation, reanalyse)
    fixes = [fix for strategy in STRATEGIES.get(finding.code, ()) if (fix := tryout.first_that_works(strategy))]
    best = next((at for at, fix in enumerate(fixes) if fix.grade == "safe"), None)
    if best is not None and finding.severity != "hint":
        fixes[best] = fixes[best]._replace(preferred=True)
    fixes.extend(Fix(each.title, each.edits, each.grade, kind=each.kind) for each in suppression.comment(situation))
    return tuple(fixes)


def _candidates(strategy: Strategy, situation: Situation) -> Iterator[Candidate]:
    """What the strategy proposes, as far as it can read the statements."""
    with contextlib.suppress(Unreadable):
        yield from strategy(situation)


class _Tryout:
    """Tries proposals for one finding, each set of texts once and no more than `MOST_ANALYSES` of them."""

    def __init__(self, situation: Situation, reanalyse: Reanalyse) -> None:
        self._situation = situation
        self._files = situation.files
        self._reanalyse = reanalyse
        self._before: dict[frozenset[str], Trial] = {}
        self._tried: list[Mapping[str, str]] = []
        self._analyses = 0

    def first_that_works(self, strategy: Strategy) -> Fix | None:
        """The fix made of the first proposal of `strategy` that cures the finding and does no harm; None if none does."""
        for trial, candidate in enumerate(_candidates(strategy, self._situation)):
            if trial >= MOST_TRIALS:
                break
            changed = ChangedFiles(self._files, {}).after(candidate.edits)
            if not changed or changed in self._tried:
                continue
            final, grade = self._cured(strategy, candidate, changed)
            if final is not None:
                self._tried.append(final)
                edits = candidate.edits if final == changed else tuple(self._difference(final))
                return Fix(candidate.title, edits, grade, kind=candidate.kind)
        return None

    def _cured(
        self, strategy: Strategy, candidate: Candidate, changed: Mapping[str, str]
    ) -> tuple[Mapping[str, str] | None, Grade]:
        """The texts in which the finding is gone and nothing new is there, after going on to writes that it hid; else None.

        With them the lowest grade of all their changes.
        """
        finding = self._situation.finding
        grade = candidate.grade
        for _ in range(MOST_WRITES):
            if changed in self._tried or self._analyses >= MOST_ANALYSES or self._breaks(changed):
                return None, grade
            self._tried.append(changed)
            self._analyses += 1
            before, after = self._trial_before(changed), self._reanalyse(changed)
            if not after.cures(finding, before) or after.breaks_off(before):
                return None, grade
            new = after.new_since(before)
            if not new:
                return changed, grade
            following = next((each for each in new if each.code[:3] == finding.code[:3]), None)
            if following is None or not candidate.repeatable:
                return None, grade
            files = ChangedFiles(self._files, changed)
            further = next(_candidates(strategy, Situation(following, files, self._situation.texts)), None)
            both = files.after(further.edits) if further is not None else None
            if further is None or both is None or both == changed:
                return None, grade
            grade = grade if further.grade == "safe" else further.grade
            changed = both
        return None, grade

    def _trial_before(self, changed: Mapping[str, str]) -> Trial:
        """What the analysis says of the files as they are, those of `changed` included."""
        paths = frozenset(changed)
        if paths not in self._before:
            self._before[paths] = self._reanalyse({path: self._source(path).text for path in paths})
        return self._before[paths]

    def _breaks(self, changed: Mapping[str, str]) -> bool:
        """Whether there is more that does not parse than before; only what has changed is parsed for that."""
        for path, text in changed.items():
            source = self._source(path)
            trial = source.edited(text, source.version)
            source.lay_out()
            if _broken_lines(trial) > _broken_lines(source):
                return True
        return False

    def _difference(self, changed: Mapping[str, str]) -> Iterator[Edit]:
        for path, text in changed.items():
            yield from _difference(path, self._source(path).text, text)

    def _source(self, path: str) -> SourceFile:
        source = self._files.source(path)
        assert source is not None, path  # Texts are made of nothing but these files.
        return source


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
