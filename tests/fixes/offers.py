"""What the tests of fixes share: a program in, its offered fixes and what they make of it out."""

from __future__ import annotations

from dataclasses import dataclass

from gradguard.fixes.fix import Fix, applied
from gradguard.fixes.offer import fixes_for
from gradguard.fixes.trial import Trial
from gradguard.interpreter.analysis import analyse_file
from gradguard.rules.registry import findings
from gradguard.rules.texts import texts_in
from gradguard.text.source import SourceFile

TEXTS = texts_in("en")
PATH = "main.py"


@dataclass(frozen=True)
class OneFile:
    """A workspace of one file."""

    file: SourceFile

    def source(self, path: str) -> SourceFile | None:
        return self.file if path == self.file.path else None

    def resolve(self, importer: str, module: str, level: int) -> None:
        return None


def trial(text: str) -> Trial:
    """What gradguard says of a program of one file."""
    source = SourceFile(PATH, text)
    analysis = analyse_file(source, OneFile(source))
    return Trial(findings(analysis, TEXTS), analysis.log)


def offered(text: str, code: str = "") -> tuple[Fix, ...]:
    """The fixes of the first finding of `text` (with `code`, of that rule)."""
    found = [each for each in trial(text).findings if code in ("", each.code)]
    assert found, "nothing was found"
    found.sort(key=lambda each: each.severity == "hint")
    return fixes_for(found[0], SourceFile(PATH, text), TEXTS, trial)


def results(text: str, code: str = "") -> dict[str, str]:
    """Title and resulting text of each offered fix, best first."""
    return {fix.title: applied(text, fix.edits) for fix in offered(text, code)}
