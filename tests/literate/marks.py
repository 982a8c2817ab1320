"""The marks at the ends of a literate program's lines, and what each expects."""

from __future__ import annotations

import re
from dataclasses import dataclass

KINDS = ("error", "warning", "hint", "raises", "wrong gradient", "missed", "false")

_KIND = "|".join(KINDS)
_ONE = re.compile(rf"#\s*(?P<kind>{_KIND}):\s*(?P<body>(?:(?!#\s*(?:{_KIND}):).)*)")
_EXPECTATION = re.compile(r'(?:\[(?P<code>\w+)\])?\s*(?P<column>\d+)?\s*(?:"(?P<text>[^"]*)")?\s*$')


@dataclass(frozen=True)
class Mark:
    """One expectation about one line.

    `line` counts from 1 in the program's file, `column` from 1. `text` is a part of the message; for `wrong gradient`
    the expression of the leaf.
    """

    kind: str
    line: int
    code: str = ""
    column: int | None = None
    text: str = ""

    def __str__(self) -> str:
        parts = [f"[{self.code}]" if self.code else "", str(self.column or ""), f'"{self.text}"' if self.text else ""]
        return f"{self.kind}: {' '.join(part for part in parts if part)}"


def marks_in(text: str) -> list[Mark]:
    """The marks of a program, each with the line it speaks of: its own, or if it stands alone, the next line of code."""
    found: list[Mark] = []
    waiting: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        here = [(match["kind"], match["body"].strip()) for match in _ONE.finditer(line)]
        if line.lstrip().startswith("#"):
            waiting += here
            continue
        if line.strip():
            found += [_mark(kind, body, number) for kind, body in waiting + here]
            waiting = []
    if waiting:
        raise ValueError(f"a mark at the end of a block speaks of no line: {waiting[0][1]!r}")
    return found


def without_marks(text: str) -> str:
    """The program without its marks; a line that held nothing else is gone."""
    lines = []
    for line in text.split("\n"):
        bare = _ONE.sub("", line).rstrip()
        if bare or not _ONE.search(line):
            lines.append(bare)
    return "\n".join(lines)


def _mark(kind: str, body: str, line: int) -> Mark:
    if kind in ("raises", "wrong gradient"):
        return Mark(kind, line, text=body)
    match = _EXPECTATION.match(body)
    if match is None:
        raise ValueError(f"line {line}: cannot read the mark {kind}: {body}")
    return Mark(kind, line, match["code"] or "", int(match["column"]) if match["column"] else None, match["text"] or "")
