"""The server in Neovim and in Emacs, as their users set it up: the command line `gradguard server`, no extension."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.editors import installation, programs

HERE = Path(__file__).resolve().parent
SERVER = [sys.executable, "-m", "gradguard", "server"]
SECONDS = 300


def drive(command: list[str], home: Path) -> None:
    """Run an editor on a script; what it prints is the failure's text."""
    env = {
        **os.environ,
        "HOME": str(home),
        "PYTHONPATH": str(installation.ROOT / "server"),
        "GRADGUARD_PROGRAM": programs.as_json(programs.SAVED),
        "GRADGUARD_SERVER": json.dumps(SERVER),
    }
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, cwd=home
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def test_neovim(neovim: Path, tmp_path: Path) -> None:
    script = HERE / "neovim" / "checks.lua"
    drive([str(neovim), "--headless", "--clean", "-c", f"luafile {script}"], tmp_path)


def test_emacs(emacs: Path, tmp_path: Path) -> None:
    drive([str(emacs), "--batch", "--load", str(HERE / "emacs" / "checks.el")], tmp_path)
