"""`python -m tests.differential.programs --count 2000 --seed 1`: the figures, and the programs on which the two disagree."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.differential.programs.comparison import Outcome, UnrelatedError, figures, truth
from tests.differential.programs.generator import generate
from tests.differential.programs.styles import STYLES
from tests.literate.analysis import findings_of
from tests.oracle import Oracle

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print; 1 if gradguard crashed on a program."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential.programs", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many programs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--style", action="append", choices=sorted(STYLES), help="only these styles")
    parser.add_argument("--failures", type=Path, help="write every program on which the two disagree into this folder")
    options = parser.parse_args(arguments)
    outcomes: list[Outcome] = []
    crashes = unrelated = 0
    disagreements: Counter[tuple[str, str]] = Counter()
    with Oracle() as oracle:
        for number in range(options.count):
            program = generate(options.seed, number, tuple(options.style or STYLES))
            try:
                reported = findings_of({"main.py": program.text})
            except Exception:  # Any crash is a failure of this program alone.
                crashes += 1
                reported = []
                _keep(options.failures, f"{number:05}-crash", program.text, traceback.format_exc())
            findings = tuple(finding for finding in reported if finding.severity in ("error", "warning"))
            try:
                outcome = Outcome(program, truth(program, oracle), findings)
            except UnrelatedError as error:
                unrelated += 1
                _keep(options.failures, f"{number:05}-unrelated", program.text, str(error))
                continue
            outcomes.append(outcome)
            if kind := _disagreement(outcome):
                disagreements[program.style, kind] += 1
                _keep(options.failures, f"{number:05}-{program.style}-{kind}", program.text, _story(outcome))
    for (style, kind), times in sorted(disagreements.items()):
        print(f"{style}: {times} {kind}")
    refused = sum(outcome.truth.refused for outcome in outcomes)
    spoiled = [outcome for outcome in outcomes if outcome.truth.spoiled]
    print(
        f"{refused} refused, {len(spoiled)} silently spoiled of which {sum(o.rightly for o in spoiled)} are flagged, {crashes} crashes"
    )
    if unrelated:
        print(f"{unrelated} programs left out: they fail for a reason that no rule is about")
    print(figures(outcomes))
    return 1 if crashes else 0


def _disagreement(outcome: Outcome) -> str:
    if outcome.truth.refused and not outcome.flagged:
        return "missed"
    if outcome.flagged and not outcome.rightly:
        return "false"
    if outcome.rightly and not outcome.right_line:
        return "line"
    return "unseen" if outcome.truth.spoiled and not outcome.flagged else ""


def _story(outcome: Outcome) -> str:
    true = ", ".join(map(str, sorted(outcome.truth.lines)))
    reported = "\n".join(f"line {finding.line}: {finding}" for finding in outcome.findings)
    return f"torch: lines {true or '-'} {outcome.truth.message[:300] or 'runs'}\ngradguard:\n{reported or 'nothing'}"


def _keep(folder: Path | None, name: str, text: str, story: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(text + "\n" + "".join(f"# {line}\n" for line in story.splitlines()))


if __name__ == "__main__":
    sys.exit(main())
