"""The thread that owns the workspace: jobs in the order of their messages, analyses when no job waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gradguard.interpreter.budget import Interrupted

T = TypeVar("T")

IDLE_AFTER = 0.05
"""Seconds without anything to do after which what can wait is done: shorter than the pause between two keystrokes."""

FIRST_SLICE = 0.1
"""Seconds for which a job about another text waits at most, as long as what runs was not interrupted before."""


@dataclass(eq=False, slots=True)
class _Job:
    run: Callable[[], Any]
    path: str = ""
    future: Future[Any] = field(default_factory=Future)


class Engine:
    """Runs what it is given, one at a time.

    Jobs (edits and requests) are done in order. Analyses wait until there is no job; one per path is kept, the newest. What
    runs asks `interrupted` now and then, and gives up by raising `Interrupted`: when an edit has overtaken it, or when a job
    about another text has waited through its slice of time. In the latter case it is taken up again afterwards, with a longer
    slice each time, so that all come to their end. `failed` is called, on the engine's thread, with what an analysis raised and its path;
    `idle` once whenever there has been nothing to do for a moment.
    """

    def __init__(self, failed: Callable[[str, Exception], None], idle: Callable[[], object] = bool) -> None:
        self._failed = failed
        self._idle = idle
        self._condition = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._analyses: dict[str, Callable[[], None]] = {}
        self._running = ""
        self._overtaken = False
        self._stopped = False
        self._slices: dict[str, float] = {}
        self._slice_end = 0.0
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Leave what is running, and do nothing more. Does not wait."""
        with self._condition:
            self._stopped = self._overtaken = True
            self._condition.notify()

    def edit(self, path: str, run: Callable[[], T]) -> Future[T]:
        """A job that changes the text at `path`."""
        return self._add(_Job(run, path), overtakes=True)

    def submit(self, run: Callable[[], T], path: str = "") -> Future[T]:
        """A job that asks about the text at `path`; it is begun anew if an edit of that text overtakes it."""
        return self._add(_Job(run, path), overtakes=False)

    def analyse(self, path: str, run: Callable[[], None]) -> None:
        """An analysis of the text at `path`, in place of one that has not begun."""
        with self._condition:
            # The text that was touched last is looked at first.
            self._analyses.pop(path, None)
            self._analyses[path] = run
            self._condition.notify()

    def interrupted(self) -> bool:
        """Whether what is running is to give up."""
        return self._overtaken or (self._others_wait() and time.monotonic() > self._slice_end)

    def _others_wait(self) -> bool:
        with self._condition:
            return bool(self._jobs) and self._jobs[0].path != self._running

    @property
    def has_jobs(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._jobs)

    def _add(self, job: _Job, *, overtakes: bool) -> Future[Any]:
        with self._condition:
            self._jobs.append(job)
            if overtakes and job.path == self._running:
                self._overtaken = True
            self._condition.notify()
        return job.future

    def _work(self) -> None:
        while True:
            if not self._wait(IDLE_AFTER):
                self._idle()
                self._wait()
            with self._condition:
                if self._stopped:
                    return
                job = self._jobs.popleft() if self._jobs else None
                path, analysis = ("", None) if job is not None else self._analyses.popitem()
                self._running = path if job is None else job.path
                self._overtaken = False
                self._slice_end = time.monotonic() + self._slices.get(self._running, FIRST_SLICE)
            if job is not None:
                self._do(job)
            elif analysis is not None:
                self._try(path, analysis)
            with self._condition:
                self._running = ""

    def _wait(self, seconds: float | None = None) -> bool:
        """Until there is something to do, but no longer than `seconds`; whether there is."""
        with self._condition:
            return self._condition.wait_for(lambda: bool(self._jobs or self._analyses or self._stopped), seconds)

    def _do(self, job: _Job) -> None:
        if not job.future.running() and not job.future.set_running_or_notify_cancel():
            return  # the client no longer wants to know
        try:
            result = job.run()
        except Interrupted:
            with self._condition:
                self._lengthen_slice()
                self._jobs.append(job)
        except Exception as error:
            job.future.set_exception(error)
        else:
            job.future.set_result(result)

    def _try(self, path: str, analysis: Callable[[], None]) -> None:
        try:
            analysis()
        except Interrupted:
            with self._condition:
                if not self._overtaken:  # else the edit brings its own
                    self._lengthen_slice()
                    # In front: what was touched later is still to be looked at first.
                    self._analyses = {path: analysis, **self._analyses}
        except Exception as error:
            self._failed(path, error)
        else:
            self._slices.pop(path, None)

    def _lengthen_slice(self) -> None:
        self._slices[self._running] = 2 * self._slices.get(self._running, FIRST_SLICE)
