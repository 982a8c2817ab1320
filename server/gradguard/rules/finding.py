"""What a rule reports: one mistake, worded for a user, with the places that tell its story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradguard.interpreter.results import Found, WriteRecord
    from gradguard.rules.severity import Severity
    from gradguard.text.places import Place


@dataclass(frozen=True, slots=True)
class Related:
    """A further place of the story: where the tensor was saved, needed, made, or reached from."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake, or with severity `hint` one remark.

    `place` is the smallest span that is still the write. `message` is one line that is understood alone. `help`
    proposes a change. `evidence` is what the interpreter found: hover and fixes look there for what words leave out.
    """

    code: str
    name: str
    severity: Severity
    place: Place
    message: str
    related: tuple[Related, ...]
    help: str
    evidence: Found | WriteRecord
