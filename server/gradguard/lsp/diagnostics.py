"""Reports as LSP's diagnostics."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from lsprotocol import types

from gradguard.explain.pages import page_uri
from gradguard.lsp.documents import Documents
from gradguard.project.configuration import Problem
from gradguard.project.report import Report
from gradguard.project.suppression import UnusedSuppression
from gradguard.rules.finding import Finding

SOURCE: Final = "gradguard"

_SEVERITIES: Final = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


class Diagnosed(NamedTuple):
    """The diagnostics of one document at one version. `result`: equal for equal diagnostics."""

    uri: str
    version: int
    items: tuple[types.Diagnostic, ...]

    @property
    def result(self) -> str:
        """A short name of what is said."""
        text = json.dumps([repr(item) for item in self.items])
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def diagnosed(report: Report, documents: Documents) -> tuple[Diagnosed, ...]:
    """The diagnostics of each document as which the text of `report` is shown, of those without any too."""
    items: dict[str, list[types.Diagnostic]] = {}
    for finding in report.findings:
        uri = documents.uri(finding.place)
        items.setdefault(uri, []).append(diagnostic_of(finding, report.language, documents))
    for unused in report.unused:
        items.setdefault(documents.uri(unused.place), []).append(diagnostic_of_unused(unused, documents))
    return tuple(
        Diagnosed(shown.uri, shown.version, tuple(items.get(shown.uri, ()))) for shown in documents.shown(report.path)
    )


@lru_cache
def _description(code: str, language: str) -> types.CodeDescription | None:
    """The link to a rule's page; looked up on disk once."""
    page = page_uri(code, language)
    return types.CodeDescription(page) if page else None


def diagnostic_of(finding: Finding, language: str, documents: Documents) -> types.Diagnostic:
    """A finding in LSP's terms."""
    return types.Diagnostic(
        range=documents.location(finding.place).range,
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=_description(finding.code, language),
        source=SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(documents.location(related.place), related.message)
            for related in finding.related
        ]
        or None,
    )


def diagnostic_of_unused(unused: UnusedSuppression, documents: Documents) -> types.Diagnostic:
    """A comment that silences nothing."""
    return types.Diagnostic(
        range=documents.location(unused.place).range,
        message=unused.message,
        severity=types.DiagnosticSeverity.Information,
        code=unused.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary],
    )


def diagnosed_problems(problems: Iterable[Problem], documents: Documents) -> Mapping[str, tuple[types.Diagnostic, ...]]:
    """The mistakes in configuration files, by URI."""
    items: dict[str, list[types.Diagnostic]] = {}
    for problem in problems:
        if problem.place is None:
            continue
        location = documents.location(problem.place)
        items.setdefault(location.uri, []).append(
            types.Diagnostic(
                range=location.range,
                message=problem.message,
                severity=types.DiagnosticSeverity.Warning,
                source=SOURCE,
            )
        )
    return {uri: tuple(each) for uri, each in items.items()}
