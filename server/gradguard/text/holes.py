"""Parsing text that is being typed: what does not parse becomes a hole, the rest keeps its meaning and its positions.

`ast` parses whole texts or nothing. Where it refuses, the statement is taken apart by its indentation, and the smallest
stretches of lines that do not parse are each replaced by one statement `__gradguard_hole__(name, ...)`, which names
what the stretch mentions.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from gradguard.text.statements import indent_of, logical_line, words_of

HOLE = "__gradguard_hole__"

# A line beyond this, always data, is not worth the parser's time on every keystroke.
LONGEST_LINE = 100_000

_NAME = re.compile(r"(?<![.\w])[^\W\d]\w*")
_NO_NAMES = re.compile(r""""[^"\\\n]*"|'[^'\\\n]*'|\#.*""", re.VERBOSE)
_ASSIGNED = re.compile(r"\s*([^=(:!<>+*/%&|^@-]*?)\s*(?::[^=]*)?(?:[-+*/%&|^@]|//|\*\*|<<|>>)?=(?!=)")
_DEFINED = re.compile(r"\b(?:def|class|for|as|del|global)\s+([^\W\d]\w*)")
_CLAUSE = re.compile(r"(?:else|finally|except|elif)\b")
_DECORATED = re.compile(r"(?:def|class|async)\s|@")
_TRY = re.compile(r"try(?=\s*:)")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Hole(NamedTuple):
    """Lines [start, end) of a chunk that do not parse, at column `indent`.

    `names`: what they mention; `binds`: what they seem to assign.
    """

    start: int
    end: int
    indent: int
    names: tuple[str, ...]
    binds: frozenset[str]


def parse(lines: Sequence[str]) -> tuple[list[ast.stmt], tuple[Hole, ...]]:
    """The statements of `lines`, which begin at column 0, and the holes in them. Never fails."""
    readable = [_readable(line) for line in lines]
    if all(len(line) <= LONGEST_LINE for line in lines):
        tree = _parsed("".join(readable))
        if tree is not None:
            return tree, ()
    repair = _Repair(readable)
    try:
        repair.block(0, len(lines))
        tree = _parsed("".join(repair.lines))
    except RecursionError:
        tree = None
    if tree is None:
        repair = _Repair(readable)
        repair.dig(0, len(lines), "")
        tree = _parsed("".join(repair.lines)) or []
    return tree, tuple(sorted(repair.holes, key=lambda hole: hole.start))


def _readable(line: str) -> str:
    """`line` without lone surrogates, NUL and byte order mark, which `ast` refuses, in as many UTF-8 bytes."""
    if line.isascii():
        return line.replace("\0", "\x01") if "\0" in line else line
    if line.startswith("\ufeff"):
        line = "\f\f\f" + line[1:]
    return _SURROGATE.sub("\ufffd", line).replace("\0", "\x01")


def _parsed(text: str) -> list[ast.stmt] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Clause(NamedTuple):
    """`if …:`, `else:`, a decorated `def …:` or a simple statement.

    Lines [start, body) are its header, [body, end) its block.
    """

    start: int
    body: int
    end: int


class _Repair:
    """Digs the holes: `lines` is the text that parses, `holes` what was taken out."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = list(lines)
        self.holes: list[Hole] = []

    def block(self, start: int, end: int) -> None:
        """Repair the statements on lines [start, end), which make one block."""
        first = next((at for at in range(start, end) if indent_of(self.lines[at]) >= 0), end)
        at = first
        while at < end:
            here = indent_of(self.lines[at])
            if here < 0:
                at += 1
                continue
            clauses = self._clauses(at, end)
            after = clauses[-1].end
            if here == indent_of(self.lines[first]):
                self._statement(clauses)
            else:  # unexpectedly indented: no statement of this block, nor of another
                self.dig(at, after, self._margin(first))
            at = after

    def dig(self, start: int, end: int, margin: str) -> None:
        """Replace lines [start, end) by a hole behind `margin`."""
        spoken = [_NO_NAMES.sub(" ", line) for line in self.lines[start:end]]
        names = dict.fromkeys(name for line in spoken for name in _NAME.findall(line))
        binds: set[str] = set()
        for line in spoken:
            binds.update(_DEFINED.findall(line))
            if assigned := _ASSIGNED.match(line[:300]):
                binds.update(_NAME.findall(assigned.group(1)))
        mentioned = tuple(name for name in names if not keyword.iskeyword(name))
        bound = frozenset(name for name in binds if not keyword.iskeyword(name))
        self.holes.append(Hole(start, end, max(0, indent_of(margin + "x")), mentioned, bound))
        self.lines[start] = f"{margin}{HOLE}({', '.join(mentioned)})\n"
        self.lines[start + 1 : end] = ["\n"] * (end - start - 1)

    def _statement(self, clauses: list[_Clause]) -> None:
        """Repair one statement, given as its clauses."""
        start, end = clauses[0].start, clauses[-1].end
        if self._parses(start, end):
            return
        margin = self._margin(start)
        sound = self._sound_clauses(clauses)
        if not sound and _TRY.match(words_of(self.lines[start])) and clauses[0].body < clauses[0].end:
            # `try` without a handler yet: its block runs all the same.
            self.lines[start] = margin + _TRY.sub("if 1", words_of(self.lines[start]))
            sound = 1
        if not sound and clauses[0].body < end and self._parses(start, clauses[0].body):
            self.dig(clauses[0].body, end, margin)  # a simple statement, with an indented block where none may be
            return
        if not sound:
            self.dig(start, end, margin)
            return
        for clause in clauses[:sound]:
            self.block(clause.body, clause.end)
        for clause in clauses[sound:]:
            self.dig(clause.start, clause.end, margin)

    def _sound_clauses(self, clauses: list[_Clause]) -> int:
        """How many of the first clauses have headers that parse and fit together."""
        text = ""
        sound = 0
        for count, clause in enumerate(clauses, 1):
            if any(len(line) > LONGEST_LINE for line in self.lines[clause.start : clause.body]):
                break
            header = "".join(self.lines[clause.start : clause.body])
            if clause.body == clause.end:
                if count == 1:
                    break  # a simple statement, or a header without a block
                text += header if header.endswith(("\n", "\r")) else header + "\n"
            else:
                text += header + self._margin(clause.body) + "pass\n"
            if _parsed(self._in_block(clauses[0].start, text)) is not None:
                sound = count
        return sound

    def _clauses(self, start: int, end: int) -> list[_Clause]:
        """The clauses of the statement that begins at `start`, within lines [start, end)."""
        indent = indent_of(self.lines[start])
        clauses: list[_Clause] = []
        at = start
        while True:
            head = at
            decorated = words_of(self.lines[at]).startswith("@")
            at = min(end, logical_line(self.lines, at, top_level=False)[0])
            while decorated:
                following = self._next_words(at, end)
                if following == end or indent_of(self.lines[following]) != indent:
                    break
                words = words_of(self.lines[following])
                if not _DECORATED.match(words):
                    break
                decorated = words.startswith("@")
                at = min(end, logical_line(self.lines, following, top_level=False)[0])
            body = at
            following = self._next_words(at, end)
            while following < end and indent_of(self.lines[following]) > indent:
                at = min(end, logical_line(self.lines, following, top_level=False)[0])
                following = self._next_words(at, end)
            clauses.append(_Clause(head, body, at))
            if following == end or indent_of(self.lines[following]) != indent:
                return clauses
            if not _CLAUSE.match(words_of(self.lines[following])):
                return clauses
            at = following

    def _next_words(self, at: int, end: int) -> int:
        """The first line from `at` on that is neither blank nor a comment; `end` if there is none."""
        while at < end and indent_of(self.lines[at]) < 0:
            at += 1
        return at

    def _parses(self, start: int, end: int) -> bool:
        lines = self.lines[start:end]
        if any(len(line) > LONGEST_LINE for line in lines):
            return False
        return _parsed(self._in_block(start, "".join(lines))) is not None

    def _in_block(self, start: int, text: str) -> str:
        """`text`, which begins like line `start`, where an indented statement is allowed."""
        return "if 1:\n" + text if indent_of(self.lines[start]) > 0 else text

    def _margin(self, line: int) -> str:
        text = self.lines[line]
        return text[: len(text) - len(words_of(text))]
