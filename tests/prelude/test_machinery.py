"""Torch's Python layer beside the prelude's: small programs that raise in their last line, or do not."""

from __future__ import annotations

import re

import pytest

from tests.prelude import habits, machinery
from tests.prelude.judges import gradguard_message, torch_message


@pytest.mark.parametrize("name", machinery.PROGRAMS)
def test_program_behaves_as_in_torch(name: str) -> None:
    _compare(machinery.PROGRAMS[name])


@pytest.mark.parametrize("name", habits.PROGRAMS)
def test_habit_behaves_as_in_torch(name: str) -> None:
    _compare(habits.PROGRAMS[name])


def _compare(program: str) -> None:
    program = f"{machinery.HEADER}{program.lstrip()}\n"
    expected = torch_message(program)
    found = gradguard_message(program)
    # How many rows are packed is not known, so the shape in the message may be open.
    assert found == (
        expected if found is None or "[?" not in found else expected and re.sub(r"\[\d+, ", "[?, ", expected)
    )
