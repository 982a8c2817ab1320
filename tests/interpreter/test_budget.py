"""What a run does when its budget is spent."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from gradguard.interpreter.analysis import analyse_file
from gradguard.interpreter.budget import Budget
from gradguard.text.source import SourceFile

if TYPE_CHECKING:
    import pytest

ABANDONED = """
def batches():
    try:
        while True:
            yield 1
    finally:
        print("closed")

source = batches()
next(source)
for round in range(100):
    next(source)
"""


class Alone:
    """A program of one file."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source

    def source(self, path: str) -> SourceFile | None:
        return self._source if path == self._source.path else None

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        return None


def test_a_generator_that_is_left_at_the_end_of_the_path_is_not_run_any_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unraisable: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    source = SourceFile("/alone.py", ABANDONED, 1)
    analysis = analyse_file(source, Alone(source), budget=Budget(steps=60))
    gc.collect()
    assert any("budget" in line for line in analysis.log)
    assert not unraisable
