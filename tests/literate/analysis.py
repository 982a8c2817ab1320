"""The one place where the literate tests touch gradguard: files in, findings, fixes and renderings out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradguard.fixes.fix import applied
from gradguard.project.workspace import Workspace
from gradguard.text.document import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = "/project"
"""Where the files of a case are said to lie; nothing is read from there."""


@dataclass(frozen=True)
class Finding:
    """A finding as a user sees it; line and column count from 1."""

    path: str
    line: int
    column: int
    severity: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: [{self.code}] {self.column} {self.message}"


class Project:
    """The files of a case, open in a workspace."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._workspace = Workspace([ROOT])
        self._version = 1
        self.paths = [path for path in files if path.endswith(".py")]
        for path in self.paths:
            self._workspace.open(f"{ROOT}/{path}", files[path], self._version)

    def change(self, files: Mapping[str, str]) -> list[str]:
        """Give files new texts, and analyse: the entries that had to be run again."""
        self._version += 1
        for path, text in files.items():
            self._workspace.change(f"{ROOT}/{path}", [Change(None, text)], self._version)
        reports = [self._workspace.report(f"{ROOT}/{path}") for path in self.paths]
        return [entry for report in reports if report is not None for entry in report.reanalysed]

    def findings(self) -> list[Finding]:
        """Everything that is reported, hints included."""
        # One after another first: a file's run may bring up findings in one that was asked about before.
        for path in self.paths:
            self._workspace.report(f"{ROOT}/{path}")
        found = []
        for path in self.paths:
            report = self._workspace.report(f"{ROOT}/{path}")
            for finding in report.findings if report is not None else ():
                line, column, _, _ = finding.place.range
                found.append(Finding(path, line + 1, column + 1, finding.severity, finding.code, finding.message))
        return found

    def fixed(self) -> dict[str, str]:
        """The texts after the best fix of each error and warning in turn."""
        for _ in range(len(self.findings())):
            if not self._fix_one():
                break
        return {path: self._text(path) for path in self.paths}

    def _fix_one(self) -> bool:
        for path in self.paths:
            report = self._workspace.report(f"{ROOT}/{path}")
            for finding in report.findings if report is not None else ():
                fixes = self._workspace.fixes(finding) if finding.severity in ("error", "warning") else ()
                for fix in fixes:
                    if fix.grade != "display_only":
                        self.change({path: applied(self._text(path), fix.edits)})
                        return True
        return False

    def _text(self, path: str) -> str:
        source = self._workspace.source(f"{ROOT}/{path}")
        assert source is not None
        return source.text


def findings_of(files: Mapping[str, str]) -> list[Finding]:
    """Everything gradguard reports about `files` (path to text), hints included."""
    return Project(files).findings()


def rendered(files: Mapping[str, str]) -> str:
    """What `gradguard check` prints about `files`."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "gradguard", "check", "."]
        server = str(Path(__file__).resolve().parents[2] / "server")
        environment = {**os.environ, "PYTHONPATH": server, "NO_COLOR": "1"}
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")
    return run.stdout + run.stderr
