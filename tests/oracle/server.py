"""The oracle's server: imports torch once, then runs each program it is sent in a fork of itself.

One JSON program per line on stdin, one JSON report per line on stdout. A fork shares torch's loaded code and nothing
else, so a program cannot spoil the next one, and starting it takes milliseconds instead of seconds.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from typing import NoReturn

import numpy  # noqa: F401
import torch
import torch._dynamo  # The first optimizer of a process would load it, for a second each.
import torch.func
import torch.nn
import torch.optim
import torch.utils.checkpoint

from tests.oracle.judge import judge
from tests.oracle.reports import Program, Report


def main() -> None:
    """Answer until stdin ends."""
    gc.freeze()  # A fork's garbage collections, and its searches for tensors, then pass over all that torch loaded.
    for line in sys.stdin:
        program = Program.from_json(json.loads(line))
        print(json.dumps(_in_a_fork(program).to_json()), flush=True)


def _in_a_fork(program: Program) -> Report:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _child(program, writing)
    os.close(writing)
    answer = _read_within(reading, program.limit)
    os.close(reading)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if answer is None:
        return Report(failure=f"still running after {program.limit:g} s")
    if not answer:
        return Report(failure=f"the process ended with {os.waitstatus_to_exitcode(status)}")
    return Report.from_json(json.loads(answer))


def _read_within(descriptor: int, seconds: float) -> bytes | None:
    """Everything written to `descriptor` until it is closed; None if that takes longer than `seconds`."""
    end = time.monotonic() + seconds
    parts = []
    while True:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return None
        part = os.read(descriptor, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _child(program: Program, writing: int) -> NoReturn:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    torch.set_num_threads(1)
    answer = json.dumps(judge(program).to_json()).encode()
    while answer:
        answer = answer[os.write(writing, answer) :]
    os._exit(0)


if __name__ == "__main__":
    main()
