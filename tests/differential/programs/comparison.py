"""gradguard's verdict on a program beside torch's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.differential.programs.generator import Generated
    from tests.literate.analysis import Finding
    from tests.oracle import Oracle, Report

AT_THE_WRITE = (
    "leaf Variable that requires grad",
    "is a view and is being modified inplace",
    "created in no_grad mode and is being modified",
    "created in inference mode and is being modified",
    "Inplace update to inference tensor",
    "Inference tensors cannot be saved for backward",
    "refers to a single memory location",
    "refer to a single memory location",
)
"""Parts of the messages that torch raises on the offending line itself."""

SILENT_CODES = ("GG3", "GG401", "GG402")
"""Rules about gradients that are wrong though torch raises nothing."""


@dataclass(frozen=True)
class Truth:
    """What torch does. `lines`: each line that is the offending write (for a freed graph: a backward call)."""

    refused: bool
    spoiled: bool
    lines: frozenset[int]
    message: str


@dataclass(frozen=True)
class Outcome:
    """One program, judged by both."""

    program: Generated
    truth: Truth
    findings: tuple[Finding, ...]

    @property
    def flagged(self) -> bool:
        return bool(self.findings)

    @property
    def rightly(self) -> bool:
        """Flagged, and torch refuses the program or, if a silent rule says so, spoils its gradients."""
        silent = any(finding.code.startswith(SILENT_CODES) for finding in self.findings)
        return self.flagged and (self.truth.refused or (self.truth.spoiled and silent))

    @property
    def right_line(self) -> bool:
        return any(finding.line in self.truth.lines for finding in self.findings)


class UnrelatedError(Exception):
    """A generated program failed for a reason that no rule is about: the generator's mistake."""


def truth(program: Generated, oracle: Oracle) -> Truth:
    """Run `program` under torch, twice: as it is, and watched."""
    report = oracle.run(Program({"main.py": program.text}, witness=True))
    assert report.witness is not None, report.failure
    if report.raised is None:
        spoiled = report.witness.gradients_differ and bool(report.witness.changed)
        return Truth(False, spoiled, _numbers(report.witness.changed if spoiled else ()), "")
    return Truth(True, False, _offending(report), report.raised.message)


def _offending(report: Report) -> frozenset[int]:
    assert report.raised is not None
    assert report.witness is not None
    message, witness = report.raised.message, report.witness
    if "modified by an inplace operation" in message and witness.moved:
        return _numbers(witness.moved)
    if "its base or another view of its base has been modified" in message:
        return _numbers(witness.forbidden)
    if "backward through the graph a second time" in message:
        return _numbers((*witness.backwards, (report.raised.file, report.raised.line)))
    if any(part in message for part in AT_THE_WRITE):
        return frozenset({report.raised.line})
    raise UnrelatedError(f"{report.raised.type}: {message}")


def _numbers(lines: Sequence[tuple[str, int]]) -> frozenset[int]:
    return frozenset(line for _, line in lines)


@dataclass(frozen=True)
class Figures:
    """The figures over many programs, as fractions; 1 where nothing was counted."""

    count: int
    precision: float
    recall: float
    line: float

    def __str__(self) -> str:
        return f"count={self.count} precision={self.precision:.4f} recall={self.recall:.4f} line={self.line:.4f}"


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Precision over the flagged programs, recall over the refused ones, right lines over those rightly flagged."""
    flagged = [outcome for outcome in outcomes if outcome.flagged]
    rightly = [outcome for outcome in flagged if outcome.rightly]
    refused = [outcome for outcome in outcomes if outcome.truth.refused]
    return Figures(
        len(outcomes),
        _fraction(len(rightly), len(flagged)),
        _fraction(sum(outcome.flagged for outcome in refused), len(refused)),
        _fraction(sum(outcome.right_line for outcome in rightly), len(rightly)),
    )


def _fraction(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
