"""Memory stays what it was, however long somebody types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_memory_does_not_grow_with_the_edits() -> None:
    command = [sys.executable, "-m", "tests.lsp.endurance", "--edits", "2000", "--lines", "300"]
    result = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
