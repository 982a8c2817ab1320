"""Torch's Python layer beside the prelude's: small programs that raise in their last line, or do not."""

from __future__ import annotations

import pytest

from tests.prelude import habits, machinery
from tests.prelude.judges import gradguard_reports, torch_raises


@pytest.mark.parametrize("name", machinery.PROGRAMS)
def test_program_behaves_as_in_torch(name: str) -> None:
    _compare(machinery.PROGRAMS[name])


@pytest.mark.parametrize("name", habits.PROGRAMS)
def test_habit_behaves_as_in_torch(name: str) -> None:
    _compare(habits.PROGRAMS[name])


def _compare(program: str) -> None:
    program = f"{machinery.HEADER}{program.lstrip()}\n"
    assert gradguard_reports(program) == torch_raises(program)
