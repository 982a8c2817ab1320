"""One program's verdict: what it raises, which gradients are spoiled, and which lines did it."""

from __future__ import annotations

from tests.oracle.execution import laid_out
from tests.oracle.gradients import spoiled_gradients
from tests.oracle.reports import Program, Report
from tests.oracle.witness import witness


def judge(program: Program) -> Report:
    """Run `program` in this process, which is given up afterwards: nothing is cleaned up."""
    with laid_out(program) as execution:
        _, raised = execution.run()
        return Report(
            raised=raised,
            spoiled=() if raised is not None else spoiled_gradients(execution, program.gradients),
            witness=witness(execution) if program.witness else None,
        )
