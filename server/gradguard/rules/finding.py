"""What a rule reports: one mistake, worded for a user, with the places that tell its story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradguard.analysis.results import Found, WriteRecord
    from gradguard.interpreter.sites import Site
    from gradguard.rules.severity import Severity
    from gradguard.text.places import Place


@dataclass(frozen=True, slots=True)
class Related:
    """A further place of the story: where the tensor was saved, needed, made, or reached from. `site`: what stands there."""

    place: Place
    message: str
    site: Site | None = field(default=None, compare=False, repr=False)

    def standing(self) -> Related:
        """The same where it stands now, after lines have moved."""
        return self if self.site is None else Related(self.site.place(), self.message, self.site)


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake, or with severity `hint` one remark.

    `place` is the smallest span that is still the write. `message` is one line that is understood alone. `help`
    proposes a change. `evidence` is what the interpreter found: hover and fixes look there for what words leave out.
    `site`: what stands at `place`.
    """

    code: str
    name: str
    severity: Severity
    place: Place
    message: str
    related: tuple[Related, ...]
    help: str
    evidence: Found | WriteRecord
    site: Site | None = field(default=None, compare=False, repr=False)

    @property
    def sites(self) -> Iterator[Site]:
        """What stands at the places of its story."""
        if self.site is not None:
            yield self.site
        yield from (each.site for each in self.related if each.site is not None)

    def standing(self) -> Finding:
        """The same where it stands now, after lines have moved."""
        if self.site is None:
            return self
        related = tuple([each.standing() for each in self.related])
        place, site = self.site.place(), self.site
        # Not by `replace`, which takes three times as long: a line at the top of a file moves all its findings.
        return Finding(
            self.code, self.name, self.severity, place, self.message, related, self.help, self.evidence, site
        )
