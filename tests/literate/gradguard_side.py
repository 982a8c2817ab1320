"""The comparison of a case with gradguard: its findings equal the marks, line by line.

Errors and warnings are compared always, hints only in a case that marks one: most cases are not about hints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.literate.analysis import Finding, Project, rendered
from tests.literate.marks import Mark, marks_in, without_marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.literate.document import Case, Text

SEVERITIES = ("error", "warning", "hint")


@dataclass
class _Side:
    """The marks and the findings of one file, those that met already taken out."""

    marks: list[Mark]
    findings: list[Finding]

    def complaints(self) -> list[tuple[int, str]]:
        wrong = []
        for mark in self.marks:
            met = next((finding for finding in self.findings if _meets(mark, finding)), None)
            if mark.kind == "missed":
                if met is not None:
                    wrong.append((mark.line, f"cured, take the mark away: {mark}"))
            elif met is None:
                cured = "cured, take the mark away: " if mark.kind == "false" else "not reported: "
                wrong.append((mark.line, f"{cured}{mark}"))
            else:
                self.findings.remove(met)
        return wrong + [(finding.line, f"not marked: {finding}") for finding in self.findings]


def complaints(case: Case) -> list[str]:
    """What gradguard reports otherwise than `case` says; empty if nothing."""
    wrong = _compare(case.files, Project(_texts(case.files)).findings())
    if case.fixed:
        wrong += [f"after the fix, {complaint}" for complaint in _fixed(case)]
    if case.edits:
        wrong += _edited(case)
    if case.rendered is not None and (printed := rendered(_texts(case.files))) != case.rendered.text:
        wrong.append(f"line {case.rendered.stands_at[0]}: the output is now\n{printed}")
    return wrong


def _fixed(case: Case) -> list[str]:
    """The offered fixes lead to the texts that are shown, and those are clean."""
    wrong = []
    result = Project(_texts(case.files)).fixed()
    for path, text in case.fixed.items():
        if without_marks(result[path]).strip() != without_marks(text.text).strip():
            wrong.append(f"line {text.stands_at[0]}: the text is\n{result[path]}")
    files = {**case.files, **case.fixed}
    return wrong + _compare(files, Project(_texts(files)).findings())


def _edited(case: Case) -> list[str]:
    """Each edit in the open project leads to what its marks say, and to what a fresh project finds."""
    wrong = []
    files = dict(case.files)
    project = Project(_texts(files))
    project.findings()
    for number, edit in enumerate(case.edits, 1):
        files.update(edit.files)
        reanalysed = project.change(_texts(edit.files))
        found = project.findings()
        mine = _compare(files, found)
        if found != Project(_texts(files)).findings():
            mine.append("the findings are not those of an analysis from scratch")
        if edit.reanalysed is not None and sorted(reanalysed) != sorted(edit.reanalysed):
            mine.append(f"what ran again is {', '.join(reanalysed) or 'nothing'}")
        wrong += [f"after edit {number}, {complaint}" for complaint in mine]
    return wrong


def _texts(files: Mapping[str, Text]) -> dict[str, str]:
    return {path: text.text for path, text in files.items()}


def _compare(files: Mapping[str, Text], reported: Sequence[Finding]) -> list[str]:
    marks = {path: marks_in(text.text) for path, text in files.items() if path.endswith(".py")}
    with_hints = any(mark.kind == "hint" for found in marks.values() for mark in found)
    wrong = []
    for path, expected in marks.items():
        side = _Side(
            [mark for mark in expected if mark.kind in (*SEVERITIES, "missed", "false")],
            [finding for finding in reported if finding.path == path and (with_hints or finding.severity != "hint")],
        )
        for line, complaint in sorted(side.complaints()):
            text = files[path]
            at = text.stands_at[line - 1] if line <= len(text.stands_at) else 0
            wrong.append(f"line {at}: {text.lines[line - 1].strip() if at else path}\n    {complaint}")
    return wrong


def _meets(mark: Mark, finding: Finding) -> bool:
    return (
        mark.line == finding.line
        and (mark.kind == finding.severity or (mark.kind in ("missed", "false") and finding.severity != "hint"))
        and mark.code in ("", finding.code)
        and mark.column in (None, finding.column)
        and mark.text in finding.message
    )
