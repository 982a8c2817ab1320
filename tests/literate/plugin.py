"""Makes pytest tests of Markdown documents: one test per heading with code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.literate import gradguard_side, torch_side
from tests.literate.analysis import rendered
from tests.literate.document import Case, Text, cases_of
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
    parser.addoption("--update-rendered", action="store_true", help="write the rendered blocks of literate cases anew")


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
        if self.case.rendered is not None and self.config.getoption("--update-rendered"):
            self._update(self.case.rendered)
        judge = self.config.getoption("--judge")
        if wrong := list(self._complaints(judge)):
            raise Disagreement("\n".join(wrong))

    def _update(self, block: Text) -> None:
        """Replace the block in the document, which is found by its heading: blocks above it may have changed their length."""
        printed = rendered({path: text.text for path, text in self.case.files.items()}).splitlines()
        lines = self.path.read_text(encoding="utf-8").split("\n")
        heading = next(n for n, line in enumerate(lines) if line.lstrip("# ") == self.case.title.split(" / ")[-1])
        start = lines.index("```rendered", heading) + 1
        lines[start : lines.index("```", start)] = printed
        self.path.write_text("\n".join(lines), encoding="utf-8")
        block.lines = printed

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
