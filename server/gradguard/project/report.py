"""What is said about one file at one version of its text."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradguard.analysis.results import WriteRecord
from gradguard.project.configuration import Configuration
from gradguard.project.suppression import UnusedSuppression
from gradguard.rules.finding import Finding


@dataclass(frozen=True, slots=True)
class Report:
    """Results for the file at `path`, whose text had `version` (0: as it lies on disk).

    `findings`: those that stand in this file, also where running another file brought them up; in order of place, after
    configuration and suppressions. `elsewhere`: those that running this file brought up in other files. `unused`:
    suppressing comments that silence nothing. `writes`: every in-place write of this file that was reached. `language`: of
    the messages. `log`: what the analysis had to leave out. `reanalysed`: the entries that had to be run for this report; the
    others were known.
    """

    path: str
    version: int
    findings: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    unused: tuple[UnusedSuppression, ...]
    writes: tuple[WriteRecord, ...]
    configuration: Configuration
    language: str
    log: tuple[str, ...]
    reanalysed: tuple[str, ...] = field(default=(), compare=False)
