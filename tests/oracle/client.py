"""The client's end of the oracle: one server process, started at the first question and asked one program at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.oracle.reports import Program, Report

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]


class Oracle:
    """Runs programs under torch. Use as a context manager, or `close` it."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    def run(self, program: Program | str) -> Report:
        """What torch does with `program` (a text is a program of one file, `main.py`)."""
        if isinstance(program, str):
            program = Program({"main.py": program})
        server = self._started()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(program.to_json()) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        if not answer:
            self._server = None
            raise RuntimeError(f"the oracle's server ended with code {server.wait()}")
        return Report.from_json(json.loads(answer))

    def _started(self) -> subprocess.Popen[str]:
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.oracle.server"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._server

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.communicate()
            self._server = None

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()
