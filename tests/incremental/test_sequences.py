"""A short run of the random sequences; `python -m tests.incremental` makes long ones."""

from __future__ import annotations

import pytest

from tests.incremental.sequences import run_sequence


@pytest.mark.parametrize("part", range(10))
def test_edited_reports_equal_reports_from_scratch(part: int) -> None:
    for number in range(8):
        difference = run_sequence(f"short:{part}:{number}")
        assert difference is None, difference
