"""Every safe fix of the rules' literate cases runs clean under torch, and nearly every found mistake has a fix."""

from __future__ import annotations

import re

import pytest

from tests.fixes_under_torch import main


@pytest.mark.slow
def test_fixes_of_the_rules_cases(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--only", "gg"])
    output = capsys.readouterr().out
    assert status == 0, output
    counts = re.search(r"cases=(\d+) offered=(\d+) clean=(\d+)\s*$", output)
    assert counts is not None, output
    cases, offered, clean = (int(count) for count in counts.groups())
    assert clean == offered, output
    assert clean >= 0.9 * cases, output
