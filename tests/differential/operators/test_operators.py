"""Each call of `calls.txt` in two small programs: its operand is written afterwards, or its result is.

A program is refused by torch exactly if gradguard reports an error in it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.literate.analysis import findings_of
from tests.oracle import Oracle

CALLS = [line for line in Path(__file__).with_name("calls.txt").read_text().splitlines() if not line.startswith("#")]

PROGRAM = """\
import torch
import torch.nn.functional as F

w = torch.rand(2, 3, requires_grad=True)
x = w * 0.5 + 0.25
y = {call}
loss = y.sum() + x.sum()
{written} += 1
loss.backward()
"""


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    with Oracle() as oracle:
        yield oracle


@pytest.mark.slow
@pytest.mark.parametrize("written", ["x", "y"])
@pytest.mark.parametrize("call", CALLS)
def test_same_verdict(oracle: Oracle, call: str, written: str) -> None:
    program = PROGRAM.format(call=call, written=written)
    raised = oracle.run(program).raised
    if raised is not None and "inplace operation" not in raised.message:
        assert "derivative for" in raised.message, raised.message  # Torch cannot differentiate the call at all.
        return
    errors = [finding for finding in findings_of({"main.py": program}) if finding.severity == "error"]
    assert bool(errors) == (raised is not None), f"torch {raised}, gradguard {errors}"
