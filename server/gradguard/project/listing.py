"""What is said about each statement of a file; only where something is new is it put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from gradguard.project.selection import configured, foremost

if TYPE_CHECKING:
    from gradguard.analysis.reports import EntryReport, FileAnalysis
    from gradguard.analysis.results import WriteRecord
    from gradguard.project.configuration import Configuration
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.text.chunks import Chunk
    from gradguard.text.source import SourceFile


class Part(NamedTuple):
    """What is said about one statement.

    `reports`: where it comes from. `stands`: the statements of all its places, with the lines on which they began.
    """

    reports: tuple[EntryReport, ...]
    stands: Sequence[tuple[Chunk, int]]
    findings: tuple[Finding, ...]
    writes: tuple[WriteRecord, ...]


class Listing(NamedTuple):
    """What is said about one file, in order of place, before suppressions."""

    configuration: Configuration
    texts: Texts
    parts: Mapping[Chunk, Part]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that the configuration lets through."""
        return tuple(chain.from_iterable([part.findings for part in self.parts.values()]))

    @property
    def writes(self) -> tuple[WriteRecord, ...]:
        """Every in-place write that was reached."""
        return tuple(chain.from_iterable([part.writes for part in self.parts.values()]))


def listed(
    source: SourceFile,
    analyses: Sequence[FileAnalysis],
    configuration: Configuration,
    texts: Texts,
    known: Listing | None = None,
) -> Listing:
    """What `analyses` say about `source`. `known`: an earlier listing, from which is taken over what is still so."""
    if known is not None and (known.configuration != configuration or known.texts is not texts):
        known = None
    old = known.parts if known is not None else {}
    reports = _by_statement(analyses)
    parts: dict[Chunk, Part] = {}
    for chunk in source.chunks:
        if chunk in reports:
            part = old.get(chunk)
            if part is None or part.reports != reports[chunk]:
                part = _part(chunk, reports[chunk], analyses, configuration, texts)
            else:
                for other, line in part.stands:
                    if other.start_line != line:
                        part = _moved(part)
                        break
            parts[chunk] = part
    return Listing(configuration, texts, parts)


def _by_statement(analyses: Sequence[FileAnalysis]) -> Mapping[Chunk, tuple[EntryReport, ...]]:
    """The reports of all analyses on each statement."""
    if len(analyses) == 1:
        return analyses[0].standing
    reports: dict[Chunk, tuple[EntryReport, ...]] = {}
    for analysis in analyses:
        for chunk, more in analysis.standing.items():
            reports[chunk] = reports.get(chunk, ()) + more
    return reports


def _part(
    chunk: Chunk,
    reports: tuple[EntryReport, ...],
    analyses: Sequence[FileAnalysis],
    configuration: Configuration,
    texts: Texts,
) -> Part:
    from gradguard.rules.registry import findings

    standing = [analysis.standing_in(chunk) for analysis in analyses]
    worded = configured(foremost(chain.from_iterable(findings(each, texts) for each in standing)), configuration)
    return Part(reports, _stands(worded), worded, tuple(chain.from_iterable(each.writes for each in standing)))


def _moved(part: Part) -> Part:
    """The same at the places where its statements stand now."""
    findings = tuple(finding.standing() for finding in part.findings)
    return part._replace(findings=findings, stands=_stands(findings))


def _stands(findings: Sequence[Finding]) -> Sequence[tuple[Chunk, int]]:
    chunks = {site.chunk for finding in findings for site in finding.sites}
    return [(chunk, chunk.start_line) for chunk in chunks]
