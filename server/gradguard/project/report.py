"""What is said about one file at one version of its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradguard.project.configuration import Configuration
from gradguard.project.suppression import UnusedSuppression
from gradguard.rules.finding import Finding

if TYPE_CHECKING:
    from gradguard.analysis.reports import FileAnalysis
    from gradguard.analysis.results import WriteRecord
    from gradguard.project.listing import Listing


@dataclass(frozen=True, slots=True)
class Report:
    """Results for the file at `path`, whose text had `version` (0: as it lies on disk).

    `findings`: those that stand in this file, also where running another file brought them up; in order of place, after
    configuration and suppressions. `elsewhere`: those that running this file brought up in other files. `unused`:
    suppressing comments that silence nothing. `language`: of the messages. `reanalysed`: the entries that had to be run for
    this report; the others were known. `analysis`, `listing`: what it was made of; None if nothing is said about the file.
    """

    path: str
    version: int
    findings: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    unused: tuple[UnusedSuppression, ...]
    configuration: Configuration
    language: str
    reanalysed: tuple[str, ...] = field(default=(), compare=False)
    analysis: FileAnalysis | None = field(default=None, compare=False, repr=False)
    listing: Listing | None = field(default=None, compare=False, repr=False)

    @property
    def writes(self) -> tuple[WriteRecord, ...]:
        """Every in-place write of this file that was reached."""
        return () if self.listing is None else self.listing.writes

    @property
    def log(self) -> tuple[str, ...]:
        """What the analysis had to leave out."""
        return () if self.analysis is None else self.analysis.log
