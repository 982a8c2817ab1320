"""Analyses one file after another in a process of its own, which is replaced when a file ends it."""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gradguard.analysis.files  # noqa: F401 - loaded once, before the workers are forked
from gradguard.project.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path
    from types import FrameType


@dataclass(frozen=True)
class Reported:
    """An error or warning; the line counts from 1. `text`: the line itself."""

    line: int
    severity: str
    code: str
    message: str
    text: str


@dataclass(frozen=True)
class Reading:
    """What became of one file. `failure`: `timeout`, or the traceback of a crash; empty if all went well."""

    path: Path
    lines: int
    seconds: float
    findings: tuple[Reported, ...]
    failure: str = ""


class _TooLong(BaseException):
    """The file has used up its time; no `except Exception` on the way may stop this."""


def read(root: Path, files: list[Path], limit: float) -> Iterator[Reading]:
    """Analyse `files`, which belong to the workspace at `root`; at most `limit` seconds of processor time each."""
    waiting = list(files)
    while waiting:
        ours, theirs = multiprocessing.Pipe()
        worker = multiprocessing.Process(target=_work, args=(root, limit, theirs), daemon=True)
        worker.start()
        theirs.close()
        while waiting:
            path = waiting.pop(0)
            ours.send(path)
            try:
                yield ours.recv()
            except EOFError:
                yield Reading(path, _lines(path), 0.0, (), "the process ended")
                break
        worker.kill()
        worker.join()


def _work(root: Path, limit: float, connection: Connection) -> None:
    signal.signal(signal.SIGVTALRM, _stop)
    workspace = Workspace([str(root)])
    while True:
        path = connection.recv()
        started = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, limit)
        findings: tuple[Reported, ...] = ()
        failure = ""
        try:
            findings = _findings(workspace, path)
        except _TooLong:
            failure = "timeout"
            workspace = Workspace([str(root)])
        except Exception:  # Any crash is what the benchmark looks for.
            failure = traceback.format_exc()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        connection.send(Reading(path, _lines(path), time.process_time() - started, findings, failure))


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLong


def _findings(workspace: Workspace, path: Path) -> tuple[Reported, ...]:
    report = workspace.report(str(path))
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return tuple(
        Reported(f.place.range.start_line + 1, f.severity, f.code, f.message, lines[f.place.range.start_line].strip())
        for f in (report.findings if report is not None else ())
        if f.severity in ("error", "warning") and f.place.path == str(path)
    )


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8", errors="replace").count("\n")
