"""Checks files and turns the reports into entries; runs in the command's own process or in several."""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from gradguard.cli.frames import Style, framed, one_line
from gradguard.cli.outcome import Entry, Json, Outcome
from gradguard.fixes.fix import Fix
from gradguard.project.report import Report
from gradguard.project.suppression import UnusedSuppression
from gradguard.project.workspace import Workspace
from gradguard.rules.finding import Finding
from gradguard.rules.texts import texts_in
from gradguard.text.places import Place


@dataclass(frozen=True, slots=True)
class Task:
    """What to do with `files`, which are absolute; `names` is how the user called each of them, or the folder it is in."""

    files: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    settings: Json
    language: str
    colour: bool
    with_text: bool
    with_fixes: bool
    with_writes: bool


def checked(task: Task) -> list[Outcome]:
    """One outcome for each file of `task`, in order. A failure in one file does not touch the others."""
    workspace = workspace_for(task.settings, task.language)
    return [_checked(workspace, task, path) for path in task.files]


def workspace_for(settings: Json, language: str) -> Workspace:
    """A workspace on the files as they lie on disk."""
    workspace = Workspace((os.getcwd(),), language=language)
    workspace.set_settings(settings)
    return workspace


def name_of(path: str, names: Sequence[tuple[str, str]]) -> str:
    """`path` as the user would write it: below an argument, as that argument was given; else from the current folder."""
    for absolute, given in names:
        if path == absolute:
            return given
        if path.startswith(absolute.rstrip(os.sep) + os.sep):
            return os.path.normpath(os.path.join(given, os.path.relpath(path, absolute)))
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _checked(workspace: Workspace, task: Task, path: str) -> Outcome:
    try:
        report = workspace.report(path)
        if report is None:
            return Outcome(path, problem=workspace.problem(path) or "no such file")
        return _outcome(workspace, task, report)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})"
        if os.environ.get("GRADGUARD_DEBUG"):
            detail += "\n" + traceback.format_exc()
        return Outcome(path, problem=f"internal error, please report it: {detail}")


def _outcome(workspace: Workspace, task: Task, report: Report) -> Outcome:
    entries = [_entry(workspace, task, report, finding) for finding in (*report.findings, *report.elsewhere)]
    entries += [_unused_entry(task, unused) for unused in report.unused]
    writes: list[Json] = []
    if task.with_writes:
        for write in report.writes:
            place = write.site.place()
            writes.append(
                {
                    **_position(task, place),
                    "operator": write.operator,
                    "target": write.target,
                    "verdict": write.verdict,
                    "reason": write.reason,
                }
            )
        writes.sort(key=lambda each: (each["line"], each["column"]))
    return Outcome(report.path, entries=tuple(entries), writes=tuple(writes), notes=report.log)


def _entry(workspace: Workspace, task: Task, report: Report, finding: Finding) -> Entry:
    def lines_of(path: str) -> list[str]:
        source = workspace.source(path)
        return [] if source is None else source.document.lines

    text = ""
    if task.with_text:
        style = Style(task.colour)
        name = name_of(finding.place.path, task.names)
        if finding.severity == "hint":
            text = one_line(finding, name, style)
        else:
            texts = texts_in(report.language)
            text = framed(finding, lines_of, lambda path: name_of(path, task.names), texts, style)
    fixes = workspace.fixes(finding) if task.with_fixes else ()
    json = {
        **_position(task, finding.place),
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "related": [
            {
                "path": name_of(related.place.path, task.names),
                "line": related.place.range.start_line + 1,
                "column": related.place.range.start_column + 1,
                "message": related.message,
            }
            for related in finding.related
        ],
        "fixes": [_fix(task, fix) for fix in fixes],
    }
    return _made(finding.place, finding.code, finding.severity, text, json)


def _unused_entry(task: Task, unused: UnusedSuppression) -> Entry:
    json = {
        **_position(task, unused.place),
        "code": unused.code,
        "severity": "info",
        "message": unused.message,
        "related": [],
        "fixes": [_fix(task, unused.fix)],
    }
    head = Style(task.colour).paint("info", f"info[{unused.code}]")
    text = f"{json['path']}:{json['line']}:{json['column']}: {head}: {unused.message}"
    return _made(unused.place, unused.code, "info", text, json)


def _made(place: Place, code: str, severity: str, text: str, json: Json) -> Entry:
    return Entry(place.path, place.range.start_line, place.range.start_column, code, severity, text, json)


def _fix(task: Task, fix: Fix) -> Json:
    edits = []
    for edit in fix.edits:
        start_line, start_column, end_line, end_column = edit.place.range
        edits.append(
            {
                "path": name_of(edit.place.path, task.names),
                "start_line": start_line + 1,
                "start_column": start_column + 1,
                "end_line": end_line + 1,
                "end_column": end_column + 1,
                "new_text": edit.new_text,
            }
        )
    return {"title": fix.title, "edits": edits, "preferred": fix.preferred}


def _position(task: Task, place: Place) -> Json:
    start_line, start_column, end_line, end_column = place.range
    return {
        "path": name_of(place.path, task.names),
        "line": start_line + 1,
        "column": start_column + 1,
        "end_line": end_line + 1,
        "end_column": end_column + 1,
    }
