"""One sequence: files are opened and edited; at random moments all reports are compared with those of a fresh workspace."""

from __future__ import annotations

import random
from dataclasses import dataclass

from gradguard.project.report import Report
from gradguard.project.workspace import Workspace
from gradguard.text.document import Change
from gradguard.text.places import Place
from tests.incremental.edits import random_change
from tests.incremental.programs import HELPER, program

MAIN, OTHER = "/project/main.py", "/project/helper.py"


@dataclass(frozen=True)
class Difference:
    """Where a sequence went wrong: the seed, the number of edits done, the text, and both reports."""

    seed: str
    edits: int
    path: str
    text: str
    edited: str
    fresh: str


def rendered(report: Report | None) -> str:
    """Everything that a report says, as text."""
    if report is None:
        return "none\n"

    def at(place: Place) -> str:
        return f"{place.path}:{':'.join(map(str, place.range))}"

    lines = [f"{report.path} {report.version} {report.language}"]
    for finding in (*report.findings, *report.elsewhere):
        lines.append(f"{at(finding.place)} {finding.code} {finding.severity} {finding.message} | {finding.help}")
        lines += [f"  {at(related.place)} {related.message}" for related in finding.related]
    lines += [f"{at(unused.place)} {unused.code} {unused.message}" for unused in report.unused]
    for write in report.writes:
        lines.append(
            f"{at(write.site.place())} {write.operator} {write.target} {write.tracked} {write.verdict} {write.reason} "
            f"{write.version_before} {write.version_after} {write.producer} {len(write.saved_before)}"
        )
    return "\n".join((*lines, *report.log)) + "\n"


def reports(workspace: Workspace, paths: tuple[str, ...]) -> dict[str, str]:
    """The reports of all open files, once all of them have been analysed."""
    for path in paths:
        workspace.report(path)
    return {path: rendered(workspace.report(path)) for path in paths}


def run_sequence(seed: str) -> Difference | None:
    """Run the sequence of `seed`; the first difference, or None."""
    choose = random.Random(seed)
    edits = 100 if choose.random() < 0.01 else 8
    workspace = Workspace(("/project",))
    text = program(choose)
    paths = (MAIN, OTHER) if "import helper" in text or "from helper" in text else (MAIN,)
    workspace.open(MAIN, text, 0)
    if OTHER in paths:
        workspace.open(OTHER, HELPER, 0)
    reports(workspace, paths)
    undo: list[tuple[str, str]] = []
    for number in range(1, edits + 1):
        path = OTHER if OTHER in paths and choose.random() < 0.4 else MAIN
        source = workspace.source(path)
        assert source is not None
        if undo and choose.random() < 0.15:
            path, before = undo.pop()
            workspace.change(path, [Change(None, before)], number)
        else:
            undo.append((path, source.text))
            document = source.document
            changes = []
            for _ in range(choose.choice((1, 1, 1, 2, 3))):
                clipboard = "".join(document.lines[: choose.randint(1, 6)])
                changes.append(random_change(choose, document, clipboard))
                document = document.edited(changes[-1])[0]
            workspace.change(path, changes, number)
        if choose.random() < 0.7:
            report = workspace.report(path)
            list(workspace.refresh(path))
            if report is not None and report.findings and choose.random() < 0.1:
                workspace.fixes(choose.choice(report.findings))  # which are tried on the analysis that is kept
        if number == edits or choose.random() < 0.15:
            difference = compared(seed, number, workspace, paths)
            if difference is not None:
                return difference
    return None


def compared(seed: str, number: int, workspace: Workspace, paths: tuple[str, ...]) -> Difference | None:
    """The first file whose report is not that of a workspace which saw only the present texts."""
    fresh = Workspace(("/project",))
    for path in paths:
        source = workspace.source(path)
        assert source is not None
        fresh.open(path, source.text, source.version)
    edited, expected = reports(workspace, paths), reports(fresh, paths)
    for path in paths:
        if edited[path] != expected[path]:
            source = workspace.source(path)
            assert source is not None
            return Difference(seed, number, path, source.text, edited[path], expected[path])
    return None
