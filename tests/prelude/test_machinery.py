"""Torch's Python layer beside the prelude's: small programs that raise in their last line, or do not."""

from __future__ import annotations

import pytest

from tests.prelude.judges import gradguard_reports, torch_raises
from tests.prelude.machinery import HEADER, PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_behaves_as_in_torch(name: str) -> None:
    program = f"{HEADER}{PROGRAMS[name].lstrip()}\n"
    assert gradguard_reports(program) == torch_raises(program)
