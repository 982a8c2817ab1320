"""Pieces of work in child processes: torch's kernels may take the whole process down on a made-up call."""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

# A child that waits for something, and so uses no processor time, is given up after so many times its limit.
_PATIENCE = 20


class Child(Generic[Result]):
    """A child process at work. What the work returns must be picklable."""

    def __init__(self, work: Callable[[], Result], seconds: int | None = None) -> None:
        """Start it; `seconds` of processor time are all it gets, so that the outcome does not depend on the machine's load."""
        self._deadline = None if seconds is None else time.monotonic() + seconds * _PATIENCE
        self._pipe, write_end = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._pipe)
            try:
                if seconds is not None:
                    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
                with os.fdopen(write_end, "wb") as pipe:
                    pickle.dump(work(), pipe)
            finally:
                os._exit(0)
        os.close(write_end)

    def result(self) -> Result | None:
        """What the work returned, or None if the child died or took too long. May be asked for once."""
        try:
            data = self._read()
        finally:
            os.close(self._pipe)
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        try:
            return pickle.loads(data) if data is not None else None
        except (EOFError, pickle.UnpicklingError):
            return None

    def _read(self) -> bytes | None:
        """Everything written until the other end closes, or None if the deadline passes first."""
        received = bytearray()
        while (left := 1.0 if self._deadline is None else self._deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._pipe], [], [], left)
            if not ready:
                continue
            piece = os.read(self._pipe, 1 << 16)
            if not piece:
                return bytes(received)
            received += piece
        return None


def isolated(work: Callable[[], Result], seconds: int) -> Result | None:
    """What `work` returns, or None if its process died or used more than `seconds` of processor time."""
    return Child(work, seconds).result()
