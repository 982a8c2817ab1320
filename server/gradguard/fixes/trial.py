"""What a second analysis says about a changed text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradguard.rules.finding import Finding


@dataclass(frozen=True, slots=True)
class Trial:
    """The findings of a text, and the analysis's log: what torch refuses, and where a run ended early."""

    findings: tuple[Finding, ...]
    log: tuple[str, ...] = ()

    def cures(self, finding: Finding, before: Trial) -> bool:
        """Whether `finding`, one of `before`, is gone."""
        wanted = _key(finding)
        return sum(_key(each) == wanted for each in self.findings) < sum(
            _key(each) == wanted for each in before.findings
        )

    def new_since(self, before: Trial) -> list[Finding]:
        """Errors and warnings beyond those of `before`."""
        known = Counter(_key(each) for each in before.findings)
        new = []
        for each in self.findings:
            if each.severity in ("error", "warning"):
                if known[_key(each)] > 0:
                    known[_key(each)] -= 1
                else:
                    new.append(each)
        return new

    def breaks_off(self, before: Trial) -> bool:
        """Whether the run meets trouble that `before` did not: a mistake of the change, whatever became of the finding."""
        return any(line not in before.log for line in self.log if "budget" not in line)


Reanalyse = Callable[[Mapping[str, str]], Trial]
"""What the analyses that bear on a finding, and those of the files named, say when these files have the texts given."""


def _key(finding: Finding) -> tuple[str, str, str]:
    # Lines move with the edits, so a finding is known again by its words.
    return finding.code, finding.severity, finding.message
