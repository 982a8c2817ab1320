"""A short run of the random programs; the long one is `python -m tests.differential.programs --count 2000`."""

from __future__ import annotations

import pytest

from tests.differential.programs.comparison import Outcome, UnrelatedError, figures, truth
from tests.differential.programs.generator import generate
from tests.differential.programs.styles import STYLES
from tests.literate.analysis import findings_of
from tests.oracle import Oracle


def test_a_program_is_the_same_each_time() -> None:
    for number in range(2 * len(STYLES)):
        assert generate(5, number) == generate(5, number)
        assert generate(5, number) != generate(6, number)


@pytest.mark.slow
def test_gradguard_agrees_with_torch() -> None:
    outcomes, unrelated = [], 0
    with Oracle() as oracle:
        for number in range(20 * len(STYLES)):
            program = generate(11, number)
            found = findings_of({"main.py": program.text})
            severe = tuple(finding for finding in found if finding.severity in ("error", "warning"))
            try:
                outcomes.append(Outcome(program, truth(program, oracle), severe))
            except UnrelatedError:
                unrelated += 1
    assert unrelated <= 0.02 * len(outcomes)
    refused = sum(outcome.truth.refused for outcome in outcomes)
    assert 0.2 * len(outcomes) < refused < 0.7 * len(outcomes)
    measured = figures(outcomes)
    assert measured.precision >= 0.99, measured
    assert measured.recall >= 0.95, measured
    assert measured.line >= 0.95, measured
