"""What attrs compiles for lsprotocol is compiled once, and again only where it cannot be kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import gradguard.lsp.generated_code as generated_code

compiled = []
generated_code.compile = lambda *arguments: compiled.append(arguments) or compile(*arguments)
with generated_code.kept_for("lsprotocol.types"):
    from lsprotocol import types
assert types.Position(1, 2) == types.Position(1, 2) < types.Position(1, 3)
print(len(compiled))
"""


def compiled(folder: Path) -> int:
    """How much is compiled by a process that keeps compiled code in `folder`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder)
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


def kept(folder: Path) -> Path:
    (path,) = folder.rglob("*.attrs")
    return path


def test_the_second_start_compiles_nothing(tmp_path: Path) -> None:
    assert compiled(tmp_path) > 100
    assert compiled(tmp_path) == 0


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    everything = compiled(tmp_path)
    path = kept(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    assert compiled(tmp_path) == everything
    assert compiled(tmp_path) == 0


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert compiled(tmp_path / "file") > 100
