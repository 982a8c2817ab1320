"""What an analysis hands to the floors above, entry by entry and statement by statement."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from gradguard.analysis.mistakes import distinct, primary_site
from gradguard.analysis.records import merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradguard.analysis.entries import Entries
    from gradguard.analysis.results import Found, WriteRecord
    from gradguard.interpreter.reads import Readers, Reads
    from gradguard.text.chunks import Chunk
    from gradguard.text.tables import Table


class Standing(NamedTuple):
    """What an entry brought up in one statement of the program."""

    found: tuple[Found, ...]
    writes: tuple[WriteRecord, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EntryReport:
    """The result of running one entry, with the parts of the program that it read.

    `standing`: what of `found` and `writes` stands in which statement.
    """

    name: str
    found: tuple[Found, ...]
    writes: tuple[WriteRecord, ...]
    standing: Mapping[Chunk, Standing]
    covered: frozenset[str]
    reads: Reads
    steps: int
    complete: bool
    log: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FileAnalysis:
    """All entries of one file at one version of its text.

    `reports`: by entry. `standing`: the reports that say something about a statement, by that.
    `reanalysed`: the entries that were run for this analysis, in that order. `plan` and `readers`: what the next analysis goes
    on from. `whole`: whether all entries that need be are there; not after an interruption.
    """

    path: str
    version: int
    reports: Table[str, EntryReport]
    standing: Table[Chunk, tuple[EntryReport, ...]]
    reanalysed: tuple[str, ...]
    plan: Entries
    readers: Readers
    whole: bool = True

    @cached_property
    def entries(self) -> Iterable[EntryReport]:
        """The reports, in the order in which the entries were run."""
        return [self.reports[entry.name] for entry in self.plan.order if entry.name in self.reports]

    @cached_property
    def found(self) -> tuple[Found, ...]:
        """Each mistake once, in the order of the entries."""
        return distinct(found for report in self.entries for found in report.found)

    @cached_property
    def writes(self) -> tuple[WriteRecord, ...]:
        """Each write once, in the order of the entries."""
        return merged(record for report in self.entries for record in report.writes)

    @cached_property
    def log(self) -> tuple[str, ...]:
        """What had to be left out."""
        noted = self.plan.in_order([name for name, report in self.reports.items() if report.log])
        return tuple(line for entry in noted for line in self.reports[entry.name].log)

    @property
    def paths(self) -> frozenset[str]:
        """The files in which something stands."""
        return frozenset([chunk.path for chunk in self.standing])

    def standing_in(self, chunk: Chunk) -> Standing:
        """What is known about one statement, each mistake and write once."""
        parts = [report.standing[chunk] for report in self.standing.get(chunk, ())]
        return Standing(
            distinct(found for part in parts for found in part.found),
            merged(record for part in parts for record in part.writes),
        )


def standing_of(found: Iterable[Found], writes: Iterable[WriteRecord]) -> dict[Chunk, Standing]:
    """By statement, what stands in it; what has no place in the program is left out."""
    mistakes: defaultdict[Chunk, list[Found]] = defaultdict(list)
    records: defaultdict[Chunk, list[WriteRecord]] = defaultdict(list)
    for each in found:
        site = primary_site(each.hazard)
        if site is not None:
            mistakes[site.chunk].append(each)
    for record in writes:
        records[record.site.chunk].append(record)
    return {
        chunk: Standing(tuple(mistakes.get(chunk, ())), tuple(records.get(chunk, ())))
        for chunk in dict.fromkeys((*mistakes, *records))
    }
