"""The comparison of a case with torch: it raises where a line says so, with that text, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.literate.document import CALLER, Case, Text
from tests.literate.marks import marks_in
from tests.oracle import Oracle, Program

if TYPE_CHECKING:
    from collections.abc import Mapping


def complaints(case: Case, oracle: Oracle) -> list[str]:
    """What torch does otherwise than `case` says; empty if nothing."""
    wrong = _compare(case, case.files, case.main, oracle)
    if case.fixed:
        fixed = {**case.files, **case.fixed}
        wrong += [f"after the fix, {complaint}" for complaint in _compare(case, fixed, case.main, oracle)]
    for number, edit in enumerate(case.edits, 1):
        wrong += [
            f"after edit {number}, {complaint}"
            for complaint in _compare(case, {**case.files, **edit.files}, case.main, oracle)
        ]
    return wrong


def _compare(case: Case, files: Mapping[str, Text], main: str, oracle: Oracle) -> list[str]:
    texts = {**files, **({CALLER: case.caller} if case.caller else {})}
    marks = [(file, mark) for file, text in texts.items() if file.endswith(".py") for mark in marks_in(text.text)]
    raises = [(file, mark) for file, mark in marks if mark.kind == "raises"]
    spoiled = {name.strip() for _, mark in marks if mark.kind == "wrong gradient" for name in mark.text.split(",")}
    report = oracle.run(
        Program(
            files={file: text.text for file, text in files.items()},
            main=main,
            callers=((CALLER, case.caller.text),) if case.caller else (),
            gradients=tuple(sorted(spoiled)),
        )
    )
    if report.failure:
        return [f"torch could not judge it: {report.failure}"]
    wrong = []
    if report.raised is None:
        wrong += [f"torch does not raise at {_place(texts, file, mark.line)}" for file, mark in raises]
        wrong += [
            f"torch's gradient of `{name}` is right" for name in spoiled - {item.expression for item in report.spoiled}
        ]
    elif not any(
        (file, mark.line) == (report.raised.file, report.raised.line)
        and mark.text in f"{report.raised.type}: {report.raised.message}"
        for file, mark in raises
    ):
        where = _place(texts, report.raised.file, report.raised.line)
        wrong.append(f"torch raises {report.raised.type} at {where}\n    {report.raised.message}")
    return wrong


def _place(texts: Mapping[str, Text], file: str, line: int) -> str:
    text = texts.get(file)
    if text is None or not 1 <= line <= len(text.lines):
        return f"{file}:{line}"
    return f"line {text.stands_at[line - 1]}: {text.lines[line - 1].strip()}"
