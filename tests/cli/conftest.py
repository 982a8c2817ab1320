"""Runs the real command in a process of its own, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("check", "a.py")`, in the test's folder; further environment variables by name."""

    def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR", "LC_ALL")}
        return subprocess.run(
            [sys.executable, "-m", "gradguard", *arguments],
            cwd=tmp_path,
            env={**plain, "LANG": "C.UTF-8", "PYTHONUTF8": "1", **environment},
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
            check=False,
        )

    return command
