"""What the tests of fixes share: a program in, its offered fixes and what they make of it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gradguard.analysis.files import analyse_file
from gradguard.fixes.files import texts_after
from gradguard.fixes.fix import Fix, applied
from gradguard.fixes.offer import fixes_for
from gradguard.fixes.trial import Trial
from gradguard.rules.registry import findings
from gradguard.rules.texts import texts_in
from gradguard.text.source import SourceFile

TEXTS = texts_in("en")
PATH = "main.py"


@dataclass(frozen=True)
class Project:
    """A workspace of a few files in one folder."""

    texts: Mapping[str, str]
    resolution: None = None

    @cached_property
    def _sources(self) -> dict[str, SourceFile]:
        return {path: SourceFile(path, text) for path, text in self.texts.items()}

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.texts)

    def source(self, path: str) -> SourceFile | None:
        return self._sources.get(path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        return path if (path := f"{module}.py") in self.texts else None

    def trial(self, changed: Mapping[str, str]) -> Trial:
        """What gradguard says of the project with other texts."""
        project = Project({**self.texts, **changed})
        analyses = [analyse_file(source, project) for source in project._sources.values()]
        found = [each for analysis in analyses for each in findings(analysis, TEXTS)]
        return Trial(tuple(found), tuple(line for analysis in analyses for line in analysis.log))

    def offered(self, code: str = "") -> tuple[Fix, ...]:
        """The fixes of the first finding (with `code`, of that rule)."""
        found = [each for each in self.trial({}).findings if code in ("", each.code)]
        assert found, "nothing was found"
        found.sort(key=lambda each: each.severity == "hint")
        return fixes_for(found[0], self, TEXTS, self.trial)

    def results(self, code: str = "") -> dict[str, dict[str, str]]:
        """Title and changed texts of each offered fix, best first."""
        return {fix.title: texts_after(self, fix.edits) or {} for fix in self.offered(code)}


def trial(text: str) -> Trial:
    """What gradguard says of a program of one file."""
    return Project({PATH: text}).trial({})


def offered(text: str, code: str = "") -> tuple[Fix, ...]:
    """The fixes of the first finding of `text` (with `code`, of that rule)."""
    return Project({PATH: text}).offered(code)


def results(text: str, code: str = "") -> dict[str, str]:
    """Title and resulting text of each offered fix, best first."""
    return {fix.title: applied(text, fix.edits) for fix in offered(text, code)}
