"""Run a piece of work in a child process: torch's kernels may take the whole process down on a made-up call."""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def isolated(work: Callable[[], Result], seconds: float) -> Result | None:
    """What `work` returns, or None if the child died or took longer than `seconds`. The result must be picklable."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            with os.fdopen(write_end, "wb") as pipe:
                pickle.dump(work(), pipe)
        finally:
            os._exit(0)
    os.close(write_end)
    try:
        data = _read(read_end, time.monotonic() + seconds)
    finally:
        os.close(read_end)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        return pickle.loads(data) if data is not None else None
    except (EOFError, pickle.UnpicklingError):
        return None


def _read(descriptor: int, deadline: float) -> bytes | None:
    """Everything written until the other end closes, or None if the deadline passes first."""
    received = bytearray()
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([descriptor], [], [], left)
        if not ready:
            break
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return bytes(received)
        received += piece
    return None
