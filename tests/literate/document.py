"""Reads a Markdown document into cases: a heading with code is one case."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "main.py"
CALLER = "caller.py"

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_FENCE = re.compile(r"(`{3,}|~{3,})\s*(.*)$")
_PATH = re.compile(r"`([^`]+)`:$")


@dataclass
class Text:
    """The text of one file of a case, and for each of its lines the line of the document where it stands (from 1)."""

    lines: list[str] = field(default_factory=list)
    stands_at: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(line + "\n" for line in self.lines)

    def extend(self, lines: list[str], first: int) -> None:
        self.lines += lines
        self.stands_at += range(first, first + len(lines))


@dataclass
class Edit:
    """The main file's new text, and what has to run again because of it (None: not said)."""

    files: dict[str, Text]
    reanalysed: list[str] | None = None


@dataclass
class Case:
    """One heading's program.

    `files` by path; the blocks without a path are joined into `main.py`. `caller` is run by torch after the main
    file, in its namespace, and is not shown to gradguard. `rendered` is a block of full output, `rendered_at` where
    it stands.
    """

    title: str
    line: int
    files: dict[str, Text] = field(default_factory=dict)
    caller: Text | None = None
    fixed: dict[str, Text] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    rendered: Text | None = None

    @property
    def main(self) -> str:
        """The file that is run: `main.py`, or else the last Python file."""
        return MAIN if MAIN in self.files else [path for path in self.files if path.endswith(".py")][-1]

    def place(self, file: str, line: int) -> str:
        """Where line `line` (from 1) of `file` stands, for a message."""
        source = self.caller if file == CALLER else self.files.get(file)
        if source is None or not 1 <= line <= len(source.stands_at):
            return f"{file}:{line}"
        return f"line {source.stands_at[line - 1]}: {source.lines[line - 1].strip()}"


def cases_of(path: Path) -> list[Case]:
    """The cases of the document at `path`, in order."""
    cases: list[Case] = []
    titles: list[str] = []
    lines = path.read_text(encoding="utf-8").split("\n")
    file: str | None = None
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if heading := _HEADING.match(line):
            titles = [*titles[: len(heading[1]) - 1], heading[2]]
            cases.append(Case(" / ".join(titles), number))
            file = None
        elif fence := _FENCE.match(line):
            end = next((n for n in range(number, len(lines)) if lines[n].strip() == fence[1]), None)
            if end is None:
                raise ValueError(f"{path}:{number}: the block is never closed")
            if not cases:
                raise ValueError(f"{path}:{number}: a block before the first heading")
            _add_block(cases[-1], fence[2].split(), file, lines[number:end], number + 1)
            file = None
            number = end + 1
        elif named := _PATH.match(line.strip()):
            file = named[1]
        elif line.strip():
            file = None
    return [case for case in cases if case.files]


def _add_block(case: Case, info: list[str], file: str | None, lines: list[str], first: int) -> None:
    language, kind = ([*info, "", ""])[:2]
    if language == "reanalysed" and case.edits:
        case.edits[-1].reanalysed = [line.strip() for line in lines if line.strip()]
    elif language == "rendered":
        case.rendered = Text(lines, list(range(first, first + len(lines))))
    elif language == "python" or file is not None:
        if kind == "caller":
            case.caller = case.caller or Text()
            target = case.caller
        elif kind == "fixed":
            target = case.fixed.setdefault(file or MAIN, Text())
        elif kind.startswith("edit="):
            if len(case.edits) < int(kind.removeprefix("edit=")):
                case.edits.append(Edit({}))
            target = case.edits[-1].files.setdefault(file or MAIN, Text())
        else:
            target = case.files.setdefault(file or MAIN, Text())
        target.extend(lines, first)
