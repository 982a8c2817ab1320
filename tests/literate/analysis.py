"""The one place where the literate tests touch gradguard: files in, findings out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradguard.text.source import SourceFile


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


def findings_of(files: Mapping[str, str]) -> list[Finding]:
    """Everything gradguard reports about `files` (path to text), hints included."""
    # Imported here, so that torch alone can judge the documents while the analysis cannot be imported.
    from gradguard.interpreter.analysis import analyse_file
    from gradguard.rules.registry import findings
    from gradguard.rules.texts import texts_in
    from gradguard.text.source import SourceFile

    program = _Files({path: SourceFile(path, text) for path, text in files.items() if path.endswith(".py")})
    reported = []
    for source in program.sources.values():
        for finding in findings(analyse_file(source, program), texts_in("en")):
            path, (line, column, _, _) = finding.place
            reported.append(Finding(path, line + 1, column + 1, finding.severity, finding.code, finding.message))
    return list(dict.fromkeys(reported))


@dataclass(frozen=True)
class _Files:
    """The interpreter's view of a case: its files, imported as from the folder that holds them."""

    sources: Mapping[str, SourceFile]

    def source(self, path: str) -> SourceFile | None:
        return self.sources.get(path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        package = importer.split("/")[:-level] if level else []
        path = "/".join([*package, *module.split(".")]) if module else "/".join(package)
        return next((name for name in (f"{path}.py", f"{path}/__init__.py") if name in self.sources), None)
