"""The order in which the engine's thread does things."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from gradguard.interpreter.budget import Interrupted
from gradguard.lsp.engine import IDLE_AFTER, Engine

SECONDS = 30


class Recording:
    """An engine that is held until everything is queued, and what it did."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failures: list[tuple[str, Exception]] = []
        self.engine = Engine(lambda path, error: self.failures.append((path, error)))
        self.free = threading.Event()
        self.engine.submit(lambda: self.free.wait(SECONDS))
        self.engine.start()

    def note(self, name: str) -> None:
        self.done.append(name)

    def finish(self) -> list[str]:
        """Let it run until nothing is left to do."""
        self.free.set()
        idle = threading.Event()
        self.engine.submit(lambda: None).result(SECONDS)
        # The first in: analyses are taken last in, first out.
        self.engine._analyses = {"idle": idle.set, **self.engine._analyses}
        self.engine.submit(lambda: None).result(SECONDS)
        assert idle.wait(SECONDS)
        return self.done


@pytest.fixture
def recording() -> Iterator[Recording]:
    recording = Recording()
    yield recording
    recording.engine.stop()


def test_jobs_go_first_and_in_order(recording: Recording) -> None:
    recording.engine.analyse("a", lambda: recording.note("analysis"))
    for name in ("one", "two", "three"):
        recording.engine.submit(lambda name=name: recording.note(name))
    assert recording.finish() == ["one", "two", "three", "analysis"]


def test_only_the_newest_analysis_of_a_text_is_begun(recording: Recording) -> None:
    for number in range(5):
        recording.engine.analyse("a", lambda number=number: recording.note(f"a{number}"))
    recording.engine.analyse("b", lambda: recording.note("b"))
    assert recording.finish() == ["b", "a4"]


def test_a_cancelled_job_is_not_begun(recording: Recording) -> None:
    job = recording.engine.submit(lambda: recording.note("cancelled"))
    assert job.cancel()
    assert recording.finish() == []


def test_a_failure_reaches_who_asked(recording: Recording) -> None:
    job = recording.engine.submit(lambda: 1 // 0)
    recording.engine.analyse("a", lambda: recording.note(str(1 // 0)))
    recording.finish()
    with pytest.raises(ZeroDivisionError):
        job.result(SECONDS)
    assert [(path, type(error)) for path, error in recording.failures] == [("a", ZeroDivisionError)]


def test_a_job_about_another_text_does_not_wait_for_a_long_analysis(recording: Recording) -> None:
    began, answered = threading.Event(), threading.Event()

    def analysis() -> None:
        began.set()
        while not recording.engine.interrupted():
            if answered.is_set():
                recording.note("analysed")
                return
            time.sleep(0.001)
        raise Interrupted

    recording.engine.analyse("long", analysis)
    recording.free.set()
    assert began.wait(SECONDS)
    recording.engine.submit(lambda: recording.note("answered"), "other").result(SECONDS)
    answered.set()
    assert recording.finish() == ["answered", "analysed"]


def test_what_is_interrupted_again_and_again_comes_to_its_end(recording: Recording) -> None:
    ended = threading.Event()

    def work() -> None:
        """Longer than the first slices, and from the beginning each time."""
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            if recording.engine.interrupted():
                raise Interrupted
            time.sleep(0.001)
        ended.set()

    recording.engine.analyse("long", work)
    recording.free.set()
    while not ended.wait(0.02):
        recording.engine.submit(lambda: None, "other")
    assert ended.is_set()


def test_what_can_wait_is_done_once_when_there_is_nothing_else_to_do() -> None:
    done: list[str] = []
    idle = threading.Semaphore(0)

    def wait_no_longer() -> None:
        done.append("idle")
        idle.release()

    engine = Engine(lambda path, error: None, wait_no_longer)
    engine.submit(lambda: done.append("one"))
    engine.submit(lambda: done.append("two"))
    engine.start()
    assert idle.acquire(timeout=SECONDS)
    assert not idle.acquire(timeout=5 * IDLE_AFTER)
    engine.submit(lambda: done.append("three"))
    assert idle.acquire(timeout=SECONDS)
    engine.stop()
    assert done == ["one", "two", "idle", "three", "idle"]
