"""Reports as LSP's diagnostics, encoded once for as long as they stay the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

from lsprotocol import types

from gradguard.explain.pages import page_uri
from gradguard.lsp.documents import Documents
from gradguard.lsp.encoded import Encoded, array_of, encoded
from gradguard.project.configuration import Problem
from gradguard.project.report import Report
from gradguard.project.suppression import UnusedSuppression
from gradguard.rules.finding import Finding
from gradguard.rules.severity import Severity
from gradguard.text.chunks import common_ends
from gradguard.text.places import Range

SOURCE: Final = "gradguard"

_WORDS_KEPT: Final = 4096
"""Messages whose JSON is at hand; many findings share theirs."""

_SEVERITIES: Final = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


class Said:
    """Diagnostics as they are told to the client."""

    def __init__(self, items: Iterable[Encoded] = ()) -> None:
        self.items = tuple(items)

    @cached_property
    def array(self) -> Encoded:
        """All of them as one value."""
        return array_of(self.items)

    @cached_property
    def result(self) -> str:
        """A short name, equal for equal diagnostics."""
        import hashlib  # which loads OpenSSL; few clients ask

        return hashlib.blake2b(self.array.encode("ascii"), digest_size=12).hexdigest()


class Diagnosed(NamedTuple):
    """What is said of one document at one version."""

    uri: str
    version: int
    said: Said


class Diagnostics:
    """The diagnostics of all documents. To be used on the engine's thread, as `documents` is."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._layout = documents.layout
        self._known: dict[str, _Known] = {}

    def of(self, report: Report) -> tuple[Diagnosed, ...]:
        """The diagnostics of each document as which the text of `report` is shown, of those without any too."""
        documents = self._documents
        if self._layout != documents.layout:
            self._layout = documents.layout
            self._known.clear()
        known = self._known.get(report.path)
        if known is None or known.language != report.language:
            known = _Known(report.language, (), Said())
        said = known.said
        if known.findings is not report.findings:
            head, tail = common_ends(known.findings, report.findings)
            new = report.findings[head : len(report.findings) - tail]
            texts = (encoded_of(finding, report.language, documents) for finding in new)
            said = Said((*said.items[:head], *texts, *said.items[len(said.items) - tail :]))
        self._known[report.path] = _Known(report.language, report.findings, said)
        shown = documents.shown(report.path)
        if len(shown) == 1 and not report.unused:
            return (Diagnosed(shown[0].uri, shown[0].version, said),)
        items: dict[str, list[Encoded]] = {each.uri: [] for each in shown}
        for finding, text in zip(report.findings, said.items, strict=True):
            items[documents.uri(finding.place)].append(text)
        for unused in report.unused:
            items[documents.uri(unused.place)].append(encoded(plain_of_unused(unused, documents)))
        return tuple([Diagnosed(each.uri, each.version, Said(items[each.uri])) for each in shown])


class _Known(NamedTuple):
    """The findings that were said last of a text, with what was said."""

    language: str
    findings: tuple[Finding, ...]
    said: Said


Plain = dict[str, Any]
"""A value of LSP in Python's plain types, by the names that it has in JSON."""


def encoded_of(finding: Finding, language: str, documents: Documents) -> Encoded:
    """A finding as a `Diagnostic` in JSON.

    A line that comes or goes at the top of a file moves all findings: only their places are then put into JSON anew.
    """
    place = _encoded_range(documents.encoded(finding.place))
    words = _encoded_words(finding.message, finding.severity, finding.code, language)
    related = ",".join(
        f'{{"location":{{"uri":{_encoded_text(documents.uri(each.place))},'
        f'"range":{_encoded_range(documents.encoded(each.place))}}},"message":{_encoded_text(each.message)}}}'
        for each in finding.related
    )
    return Encoded(
        f'{{"range":{place},{words}}}'
        if not related
        else f'{{"range":{place},{words},"relatedInformation":[{related}]}}'
    )


def plain_of(finding: Finding, language: str, documents: Documents) -> Plain:
    """A finding as a `Diagnostic`."""
    plain: Plain = json.loads(encoded_of(finding, language, documents))
    return plain


@lru_cache(maxsize=_WORDS_KEPT)
def _encoded_words(message: str, severity: Severity, code: str, language: str) -> str:
    """The members of a `Diagnostic` that no edit elsewhere changes."""
    page = page_uri(code, language)
    members = {
        "message": message,
        "severity": _SEVERITIES[severity].value,
        "code": code,
        **({"codeDescription": {"href": page}} if page else {}),
        "source": SOURCE,
    }
    return encoded(members)[1:-1]


_encoded_text = lru_cache(maxsize=_WORDS_KEPT)(encoded)


def _encoded_range(range: Range) -> str:
    start_line, start, end_line, end = range
    return f'{{"start":{{"line":{start_line},"character":{start}}},"end":{{"line":{end_line},"character":{end}}}}}'


def plain_of_unused(unused: UnusedSuppression, documents: Documents) -> Plain:
    """A comment that silences nothing as a `Diagnostic`."""
    return {
        "range": _range(documents.encoded(unused.place)),
        "message": unused.message,
        "severity": types.DiagnosticSeverity.Information.value,
        "code": unused.code,
        "source": SOURCE,
        "tags": [types.DiagnosticTag.Unnecessary.value],
    }


def diagnosed_problems(problems: Iterable[Problem], documents: Documents) -> Mapping[str, tuple[Encoded, ...]]:
    """The mistakes in configuration files, by URI."""
    items: dict[str, list[Encoded]] = {}
    for problem in problems:
        if problem.place is None:
            continue
        diagnostic = {
            "range": _range(documents.encoded(problem.place)),
            "message": problem.message,
            "severity": types.DiagnosticSeverity.Warning.value,
            "source": SOURCE,
        }
        items.setdefault(documents.uri(problem.place), []).append(encoded(diagnostic))
    return {uri: tuple(each) for uri, each in items.items()}


def typed(diagnostic: Plain) -> types.Diagnostic:
    """The same as lsprotocol's type."""
    page = diagnostic.get("codeDescription")
    related = diagnostic.get("relatedInformation")
    tags = diagnostic.get("tags")
    return types.Diagnostic(
        range=_typed_range(diagnostic["range"]),
        message=diagnostic["message"],
        severity=types.DiagnosticSeverity(diagnostic["severity"]),
        code=diagnostic.get("code"),
        code_description=types.CodeDescription(page["href"]) if page else None,
        source=diagnostic.get("source"),
        tags=[types.DiagnosticTag(tag) for tag in tags] if tags else None,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(each["location"]["uri"], _typed_range(each["location"]["range"])), each["message"]
            )
            for each in related
        ]
        if related
        else None,
    )


def _typed_range(range: Plain) -> types.Range:
    return types.Range(types.Position(**range["start"]), types.Position(**range["end"]))


def _range(range: Range) -> Plain:
    start_line, start, end_line, end = range
    return {"start": {"line": start_line, "character": start}, "end": {"line": end_line, "character": end}}
