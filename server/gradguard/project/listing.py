"""What is said about each statement of a file; only where something is new is it put into words."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence, Set
from itertools import chain
from operator import attrgetter, is_
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
    from gradguard.text.tables import Table

    Said = Table[Chunk, tuple[EntryReport, ...]]


class Part(NamedTuple):
    """What is said about one statement.

    `reports`: where it comes from. `stands`: the statements of all its places. `lines`: those on which they began.
    """

    chunk: Chunk
    reports: tuple[EntryReport, ...]
    stands: tuple[Chunk, ...]
    lines: tuple[int, ...]
    findings: tuple[Finding, ...]
    writes: tuple[WriteRecord, ...]


_start_line, _findings, _writes = map(attrgetter, ("start_line", "findings", "writes"))


class Listing(NamedTuple):
    """What is said about one file, in order of place, before suppressions.

    `said`: what was known about its statements. `abroad`: whether anything that is said may have places in other files. `findings`: those
    that the configuration lets through; the same object as before if they are the same.
    """

    source: SourceFile
    configuration: Configuration
    texts: Texts
    said: Sequence[Said]
    parts: Sequence[Part]
    abroad: bool
    findings: tuple[Finding, ...]

    @property
    def writes(self) -> tuple[WriteRecord, ...]:
        """Every in-place write that was reached."""
        return tuple(chain.from_iterable(map(_writes, self.parts)))


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
    said = [analysis.standing for analysis in analyses]
    changed = _changed(source, said, known)
    old = known.parts if known is not None else ()
    before = {part.chunk: part for part in old if changed is None or part.chunk in changed}
    parts = [part for part in old if part.chunk not in before]
    abroad = known is not None and known.abroad
    for chunk in source.chunks if changed is None else filter(source.__contains__, changed):
        reports = tuple(chain.from_iterable(table.get(chunk, ()) for table in said))
        if reports:
            part = before.get(chunk)
            if part is None or part.reports != reports:
                part = _part(chunk, reports, analyses, configuration, texts)
            insort(parts, part, key=_first_line)
            abroad = abroad or any(other.path != source.path for other in part.stands)
    if known is None or abroad or source.moved_since(known.source):
        parts = list(map(_standing, parts))
    if known is not None and len(parts) == len(old) and all(map(is_, parts, old)):
        findings = known.findings
    else:
        findings = tuple(chain.from_iterable(map(_findings, parts)))
    return Listing(source, configuration, texts, said, parts, abroad, findings)


def _changed(source: SourceFile, said: Sequence[Said], known: Listing | None) -> Set[Chunk] | None:
    """The statements, of either version, about which something else may have to be said; None if that may be all."""
    if known is None or len(said) != len(known.said):
        return None
    changed = dict.fromkeys(chain.from_iterable(source.differing(known.source)))
    for now, before in zip(said, known.said, strict=True):
        chunks = now.changed_since(before)
        if chunks is None:
            return None
        changed.update(dict.fromkeys(chunks))
    return changed.keys()


def _first_line(part: Part) -> int:
    return part.chunk.start_line


def _standing(part: Part) -> Part:
    """The same at the places where its statements stand now."""
    lines = _lines_of(part.stands)
    if lines == part.lines:
        return part
    return part._replace(findings=tuple(finding.standing() for finding in part.findings), lines=lines)


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
    writes = tuple(chain.from_iterable(each.writes for each in standing))
    stands = tuple({site.chunk: None for finding in worded for site in finding.sites})
    return Part(chunk, reports, stands, _lines_of(stands), worded, writes)


def _lines_of(chunks: Iterable[Chunk]) -> tuple[int, ...]:
    return tuple(map(_start_line, chunks))
