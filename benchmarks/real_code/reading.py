"""Analyses one file after another in a process of its own, which is replaced when a file takes too long or ends it."""

from __future__ import annotations

import multiprocessing
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gradguard.interpreter.analysis  # noqa: F401 - loaded once, before the workers are forked
from gradguard.project.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path


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


def read(root: Path, files: list[Path], limit: float) -> Iterator[Reading]:
    """Analyse `files`, which belong to the workspace at `root`; at most `limit` seconds each."""
    waiting = list(files)
    while waiting:
        ours, theirs = multiprocessing.Pipe()
        worker = multiprocessing.Process(target=_work, args=(root, theirs), daemon=True)
        worker.start()
        theirs.close()
        while waiting:
            path = waiting.pop(0)
            ours.send(path)
            try:
                arrived = ours.poll(limit)
                answer = ours.recv() if arrived else None
            except EOFError:
                answer = Reading(path, _lines(path), 0.0, (), "the process ended")
            if answer is None:
                yield Reading(path, _lines(path), limit, (), "timeout")
                break
            yield answer
            if answer.failure == "the process ended":
                break
        worker.kill()
        worker.join()


def _work(root: Path, connection: Connection) -> None:
    workspace = Workspace([str(root)])
    while True:
        path = connection.recv()
        text = path.read_text(encoding="utf-8", errors="replace")
        started = time.process_time()
        try:
            report = workspace.report(str(path))
        except Exception:  # Any crash is what the benchmark looks for.
            connection.send(Reading(path, text.count("\n"), time.process_time() - started, (), traceback.format_exc()))
            continue
        seconds = time.process_time() - started
        lines = text.split("\n")
        findings = tuple(
            Reported(
                f.place.range.start_line + 1, f.severity, f.code, f.message, lines[f.place.range.start_line].strip()
            )
            for f in (report.findings if report is not None else ())
            if f.severity in ("error", "warning") and f.place.path == str(path)
        )
        connection.send(Reading(path, text.count("\n"), seconds, findings))


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8", errors="replace").count("\n")
