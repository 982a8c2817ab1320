"""Which findings of which analyses a file's report shows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gradguard.project.discovery import patterns_of

if TYPE_CHECKING:
    from gradguard.project.configuration import Configuration
    from gradguard.rules.finding import Finding
    from gradguard.text.places import Place


def foremost(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Of what several analyses say, in order of place, one finding for a code and place: the gravest, and of these the first."""
    best: dict[tuple[Place, str], Finding] = {}
    for finding in findings:
        key = (finding.place, finding.code)
        if key not in best or (finding.severity == "error" and best[key].severity != "error"):
            best[key] = finding
    flagged = {place for place, code in best if code != "GG901"}
    for place, code in sorted(best):
        if code != "GG901" or place not in flagged:
            yield best[place, code]


def configured(findings: Iterable[Finding], configuration: Configuration) -> tuple[Finding, ...]:
    """The findings that `configuration` lets through, with the severities that it gives them."""
    kept = []
    for finding in findings:
        if not configuration.enabled(finding.code) or _ignored_in_file(finding, configuration):
            continue
        if not configuration.assumptions and rests_on_assumption(finding):
            continue
        severity = configuration.severity_of(finding.code, finding.severity)
        if severity == "hint" and not configuration.hints:
            continue
        kept.append(finding if severity == finding.severity else replace(finding, severity=severity))
    return tuple(kept)


def rests_on_assumption(finding: Finding) -> bool:
    """Whether a finding holds only if something ordinary does that the program does not show."""
    return bool(getattr(finding.evidence, "assumptions", None))


def _ignored_in_file(finding: Finding, configuration: Configuration) -> bool:
    if not configuration.per_file_ignores:
        return False
    relative = os.path.relpath(finding.place.path, configuration.root or os.getcwd()).replace(os.sep, "/")
    return any(
        any(finding.code.startswith(prefix) for prefix in prefixes) and patterns_of([pattern]).match_file(relative)
        for pattern, prefixes in configuration.per_file_ignores
    )
