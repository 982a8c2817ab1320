"""Makes pytest tests of Markdown documents: one test per heading with code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.literate import gradguard_side, torch_side
from tests.literate.document import Case, cases_of
from tests.oracle import Oracle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDERS = ("rules", "semantics", "cases")
"""The folders of `tests/` whose Markdown files hold cases."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--judge",
        choices=("both", "torch", "gradguard"),
        default="both",
        help="compare literate cases with torch, with gradguard, or (default) with both",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ORACLE] = Oracle()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_ORACLE].close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Document | None:
    if file_path.suffix == ".md" and file_path.name != "README.md" and file_path.parent.name in FOLDERS:
        return Document.from_parent(parent, path=file_path)
    return None


_ORACLE: pytest.StashKey[Oracle] = pytest.StashKey()


class Document(pytest.File):
    """One Markdown file of cases."""

    def collect(self) -> Iterable[Heading]:
        for case in cases_of(self.path):
            yield Heading.from_parent(self, name=case.title, case=case)


class Disagreement(Exception):
    """What gradguard or torch does otherwise than the case says."""


class Heading(pytest.Item):
    """One case: compared with gradguard and with torch, and every disagreement told."""

    def __init__(self, *, case: Case, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.case = case
        self.funcargs: dict[str, object] = {}  # pytest-lsp looks for clients here, in every item.

    def runtest(self) -> None:
        judge = self.config.getoption("--judge")
        if wrong := list(self._complaints(judge)):
            raise Disagreement("\n".join(wrong))

    def _complaints(self, judge: str) -> Iterator[str]:
        if judge in ("both", "torch"):
            yield from torch_side.complaints(self.case, self.config.stash[_ORACLE])
        if judge in ("both", "gradguard"):
            yield from gradguard_side.complaints(self.case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        if isinstance(excinfo.value, Disagreement):
            return f"{self.path}:{self.case.line}: {self.case.title}\n{excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, self.name
