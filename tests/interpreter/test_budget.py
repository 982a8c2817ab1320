"""What a run does when its budget is spent."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from gradguard.analysis.files import analyse_file
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


LIBRARY = """
def work(flags):
    for i in range(60):
        last = i
    if flags.first:
        pass
    if flags.second:
        pass
"""
SCRIPT = """
import torch
from elsewhere import flags
from library import work

work(flags)
if flags.own:
    total = torch.zeros(3)
    total += 1
"""


class Files:
    """A program of a few files, imported by their names."""

    resolution = None

    def __init__(self, **texts: str) -> None:
        self._sources = {name: SourceFile(name, text, 1) for name, text in texts.items()}

    def source(self, path: str) -> SourceFile | None:
        return self._sources.get(path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        return module if module in self._sources else None


def _log(program: Files, path: str, budget: Budget) -> tuple[str, ...]:
    source = program.source(path)
    assert source is not None
    return analyse_file(source, program, budget=budget).log


def test_a_generator_that_is_left_at_the_end_of_the_path_is_not_run_any_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unraisable: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    log = _log(Files(main=ABANDONED), "main", Budget(steps=60))
    gc.collect()
    assert any("budget" in line for line in log)
    assert not unraisable


def test_the_conditions_of_what_a_script_imports_are_tried_last_and_only_where_that_is_cheap() -> None:
    program = Files(main=SCRIPT, library=LIBRARY)
    assert _log(program, "main", Budget(steps=200)) == ("<module>: the budget is spent; 2 conditions were not tried",)
    assert _log(program, "main", Budget(steps=1000)) == ()


def test_a_script_that_touches_no_tensor_is_tried_on_fewer_paths() -> None:
    script = (
        "from elsewhere import flags\nimport torch\nfor i in range(60):\n    last = i\n"
        "if flags.first:\n    pass\nif flags.second:\n    pass\nif flags.third:\n    pass\n"
    )
    assert any("not tried" in line for line in _log(Files(main=script), "main", Budget(steps=200)))
    assert _log(Files(main=script + "torch.zeros(3).exp_()\n"), "main", Budget(steps=200)) == ()
