"""Applies every fix that gradguard offers and runs the fixed program under torch: `python -m tests.fixes_under_torch`.

Programs: the literate cases of `tests/rules`, `tests/semantics` and `tests/cases` that torch refuses or spoils, with
`--programs` the Python files below a folder, with `--random` generated ones. A fixed program must run to its end with
gradients that no write has spoiled; a safe fix must leave every loss as it was, as far as the original got. Where a program
has several mistakes, the others are cured with their first fixes before it is run.

The last line counts cases: those with a mistake, those for which a fix is offered, those for which an offered fix works
and no safe one fails.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradguard.analysis.files import analyse_file
from gradguard.fixes.files import texts_after
from gradguard.fixes.offer import fixes_for
from gradguard.fixes.trial import Trial
from gradguard.rules.registry import findings
from gradguard.rules.texts import texts_in
from gradguard.text.source import SourceFile
from tests.differential.programs.generator import generate
from tests.fixes import torch_runs
from tests.literate.document import cases_of
from tests.literate.marks import marks_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gradguard.fixes.fix import Fix
    from gradguard.rules.finding import Finding

TESTS = Path(__file__).parent
TEXTS = texts_in("en")
MOST_MISTAKES = 6


@dataclass(frozen=True)
class Case:
    """A program of one or more files that torch refuses or spoils."""

    name: str
    files: Mapping[str, str]
    main: str
    caller: str | None = None

    def findings(self, texts: Mapping[str, str]) -> list[Finding]:
        """Errors and warnings."""
        return [each for each in self.trial(texts).findings if each.severity in ("error", "warning")]

    def trial(self, texts: Mapping[str, str]) -> Trial:
        """What gradguard says of the program with other texts."""
        program = _files(texts)
        analyses = [analyse_file(source, program) for source in program.sources.values()]
        return Trial(
            tuple(finding for analysis in analyses for finding in findings(analysis, TEXTS)),
            tuple(line for analysis in analyses for line in analysis.log),
        )

    def fixes(self, texts: Mapping[str, str], finding: Finding) -> tuple[Fix, ...]:
        """The offered fixes, without the comment that only silences."""

        def reanalyse(changed: Mapping[str, str]) -> Trial:
            return self.trial({**texts, **changed})

        offered = fixes_for(finding, _files(texts), TEXTS, reanalyse)
        silencing = TEXTS.say("fix.suppress", code=finding.code)
        return tuple(fix for fix in offered if fix.title != silencing)


@dataclass(frozen=True)
class _Files:
    sources: Mapping[str, SourceFile]
    resolution: None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.sources)

    def source(self, path: str) -> SourceFile | None:
        return self.sources.get(path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        package = importer.split("/")[:-level] if level else []
        path = "/".join([*package, *module.split(".")]) if module else "/".join(package)
        return next((name for name in (f"{path}.py", f"{path}/__init__.py") if name in self.sources), None)


def _files(texts: Mapping[str, str]) -> _Files:
    return _Files({path: SourceFile(path, text) for path, text in texts.items() if path.endswith(".py")})


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="run every offered fix under torch")
    parser.add_argument("--programs", action="append", default=[], metavar="FOLDER", help="more programs: *.py below")
    parser.add_argument(
        "--random", type=int, default=0, metavar="COUNT", help="generated programs instead of all others"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name holds TEXT")
    options = parser.parse_args(arguments)
    cases: Iterable[Case]
    if options.random:
        cases = _generated(options.seed, options.random)
    else:
        cases = [*_literate(), *(case for folder in options.programs for case in _programs(Path(folder)))]
    counts: Counter[str] = Counter()
    for case in cases:
        if options.only in case.name:
            _judge(case, counts)
    for grade in ("safe", "unsafe"):
        print(f"{grade} fixes: {counts[grade]} offered, {counts[grade] - counts[f'bad {grade}']} clean")
    print(f"cases={counts['cases']} offered={counts['offered']} clean={counts['clean']}")
    return 1 if counts["bad safe"] else 0


def _judge(case: Case, counts: Counter[str]) -> None:
    original = torch_runs.run(case.files, case.main, case.caller)
    if not original.raised and original.right_gradients:
        return
    counts["cases"] += 1
    offered, worked, failed = False, False, False
    found = case.findings(case.files)
    for finding in found:
        for fix in case.fixes(case.files, finding):
            offered = True
            counts[fix.grade] += 1
            problem = _problem(case, fix, original)
            if problem:
                counts[f"bad {fix.grade}"] += 1
                failed |= fix.grade == "safe"
                print(f"{case.name}: {finding.code} [{fix.grade}] {fix.title}\n    {problem}")
            else:
                worked = True
    counts["offered"] += offered
    counts["clean"] += worked and not failed
    if not offered:
        print(f"{case.name}: no fix for {', '.join(each.code for each in found) or 'what is not found'}")


def _problem(case: Case, fix: Fix, original: torch_runs.Outcome) -> str:
    """What is wrong with the program after `fix`; "" if nothing."""
    texts, only_safe = _others_cured(case, _fixed(case.files, fix))
    if case.findings(texts):
        return ""  # Another mistake of the program remains, which no fix cures: torch could not tell the two apart.
    outcome = torch_runs.run(texts, case.main, case.caller)
    if outcome.raised:
        return outcome.raised.strip().splitlines()[-1][:200]
    if not outcome.right_gradients:
        return "its gradients are wrong"
    known = original.losses
    if fix.grade == "safe" and only_safe and not torch_runs.close(known, outcome.losses[: len(known)]):
        return "its losses differ from the original's"
    return ""


def _fixed(texts: Mapping[str, str], fix: Fix) -> Mapping[str, str]:
    return {**texts, **(texts_after(_files(texts), fix.edits) or {})}


def _others_cured(case: Case, texts: Mapping[str, str]) -> tuple[Mapping[str, str], bool]:
    """The texts after the first fixes of what is still found, and whether all of these were safe."""
    only_safe = True
    for _ in range(MOST_MISTAKES):
        for finding in case.findings(texts):
            fixes = case.fixes(texts, finding)
            if fixes:
                best = next((fix for fix in fixes if fix.grade == "safe"), fixes[0])
                texts = _fixed(texts, best)
                only_safe &= best.grade == "safe"
                break
        else:
            break
    return texts, only_safe


def _literate() -> Iterator[Case]:
    for folder in ("rules", "semantics", "cases"):
        for document in sorted((TESTS / folder).glob("*.md")):
            for case in cases_of(document):
                texts = {path: text.text for path, text in case.files.items()}
                caller = case.caller.text if case.caller else None
                programs = [text for path, text in texts.items() if path.endswith(".py")] + [caller or ""]
                if any(mark.kind in ("raises", "wrong gradient") for text in programs for mark in marks_in(text)):
                    yield Case(f"{document.stem}: {case.title}", texts, case.main, caller)


def _generated(seed: int, count: int) -> Iterator[Case]:
    for number in range(count):
        program = generate(seed, number)
        yield Case(f"{seed}/{number} {program.style}", {"main.py": program.text}, "main.py")


def _programs(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.rglob("*.py")):
        yield Case(str(path.relative_to(folder)), {path.name: path.read_text(encoding="utf-8")}, path.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
