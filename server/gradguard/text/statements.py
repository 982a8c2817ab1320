"""Where statements begin and end, found from the lines alone, without parsing.

A small lexer knows strings, brackets, comments, backslashes and indentation: enough to cut valid Python exactly where
its parser would. Half-typed text gets the cut that a reader would make: a bracket or string that is never closed must
not swallow the rest of the file. Every answer depends only on the lines from its start to `looked`, so an edit
elsewhere cannot change it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_PLAIN = re.compile(r"[^'\"#()\[\]{}\\]*\Z")
_TOKEN = re.compile(
    r"""\#.*|\"\"\"|\'\'\'|[()\[\]{}]|\\$
    |"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)
    |'[^'\\]*(?:\\.[^'\\]*)*(?:'|\\?$)""",
    re.VERBOSE | re.DOTALL,
)
_TRIPLE_END = {
    '"""': re.compile(r'\\.|"""', re.DOTALL),
    "'''": re.compile(r"\\.|'''", re.DOTALL),
}
_SINGLE_END = {
    '"': re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL),
    "'": re.compile(r"[^'\\]*(?:\\.[^'\\]*)*'", re.DOTALL),
}
# What can begin a statement and cannot stand at the beginning of a line inside brackets.
_HARD_START = re.compile(
    r"""(?:def|class|import|return|raise|del|assert|global|nonlocal|while|with|async\s+def|async\s+with)\s
    |(?:pass|break|continue)\s*(?:\#|$)
    |from\s+[\w.]+\s+import\b
    |@[\w.]+\s*(?:\(|\#|$)
    |(?:if|elif|for|except|async\s+for)\b.*:\s*(?:\#.*)?$
    |(?:try|else|finally)\s*:""",
    re.VERBOSE,
)
_SOFT_START = re.compile(r"[^\W\d]|@")
_CLAUSE = re.compile(r"(?:else|finally|except)\b|elif\s")
_DECORATED = re.compile(r"(?:def|class|async\s+def)\s|@")
_AFTER_STRING = re.compile(r"(?!(?:if|else|in|is|and|or|not|for|async)\b)\w")
_MARGIN = re.compile("[ \t\f\ufeff]*")


class Extent(NamedTuple):
    """Lines [start, end) of a statement.

    Lines [start, looked) decide it; `looked` is one past the last line where the end of the text does too.
    """

    start: int
    end: int
    looked: int


def indent_of(line: str) -> int:
    """The column of the first character that is not blank, by the tokenizer's rules; -1 for a blank or comment line."""
    at = _MARGIN.match(line).end()  # type: ignore[union-attr]
    if at == len(line) or line[at] in "#\r\n":
        return -1
    if not at:
        return 0
    margin = line[:at].rpartition("\f")[2].replace("\ufeff", "")
    return len(margin.expandtabs(8))


def words_of(line: str) -> str:
    """`line` without its margin."""
    return line[_MARGIN.match(line).end() :]  # type: ignore[union-attr]


def next_statement(lines: Sequence[str], position: int) -> Extent | None:
    """The first top-level statement at or after line `position`, whole with decorators and clauses; None at the end."""
    count = len(lines)
    start = position
    while start < count and indent_of(lines[start]) < 0:
        start += 1
    if start == count:
        return None
    end, looked = logical_line(lines, start, top_level=True)
    decorated = words_of(lines[start]).startswith("@")
    at = end
    while at < count:
        line = lines[at]
        indent = indent_of(line)
        if indent < 0:
            at += 1
            continue
        if indent == 0:
            words = words_of(line)
            if decorated:
                if not _DECORATED.match(words):
                    break
                decorated = words.startswith("@")
            elif not _CLAUSE.match(words):
                break
        at, seen = logical_line(lines, at, top_level=True)
        end = at
        looked = max(looked, seen)
    return Extent(start, end, max(looked, at + 1))


def logical_line(lines: Sequence[str], start: int, *, top_level: bool) -> tuple[int, int]:
    """The end of the logical line (joined by brackets, strings, backslashes) that begins at `start`, and what was looked at.

    What is never closed is cut: for a top-level statement (`top_level`) before the next line at the margin that begins
    like a statement; inside a block that is known to be broken (not `top_level`) after its first line.
    """
    line = lines[start]
    if _PLAIN.match(line):
        return start + 1, start + 1
    count = len(lines)
    at = start
    depth = 0
    column = 0
    while True:
        depth, open_string, continued = _read(line.rstrip("\r\n"), column, depth)
        column = 0
        if open_string:
            closed = _string_end(lines, at + 1, open_string, top_level=top_level)
            if closed is None:
                return _cut(lines, start, top_level=top_level), count + 1
            at, column = closed
            line = lines[at]
            continue
        at += 1
        if at >= count:
            if depth:
                return _cut(lines, start, top_level=top_level), count + 1
            return count, count + 1
        if not depth and not continued:
            return at, at
        line = lines[at]
        if _starts_hard(line, top_level=top_level):
            if not depth:
                return at, at + 1
            return _cut(lines, start, top_level=top_level), at + 1


def _read(line: str, column: int, depth: int) -> tuple[int, str, bool]:
    """Read one line from `column`, outside strings: the depth after it, the string left open, a backslash at the end."""
    while True:
        for token in _TOKEN.finditer(line, column):
            text = token.group()
            first = text[0]
            if first in "([{":
                depth += 1
            elif first in ")]}":
                depth = max(0, depth - 1)
            elif first == "#":
                return depth, "", False
            elif first == "\\":
                return depth, "", True
            elif len(text) == 3 and text in _TRIPLE_END:
                closed = _find_triple_end(line, token.end(), text)
                if closed < 0:
                    return depth, text, False
                column = closed
                break
            elif text.endswith("\\") and token.end() == len(line) and _is_open(text):
                return depth, first, False
        else:
            return depth, "", False


def _is_open(text: str) -> bool:
    """Whether a single-quoted string that ends in a backslash at the line's end goes on in the next line."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _find_triple_end(line: str, column: int, quote: str) -> int:
    for match in _TRIPLE_END[quote].finditer(line, column):
        if match.group() == quote:
            return match.end()
    return -1


def _string_end(lines: Sequence[str], at: int, quote: str, *, top_level: bool) -> tuple[int, int] | None:
    """Line and column behind the end of a string left open before line `at`; None if nothing closes it.

    A quote that stands where a docstring would begin, with the beginning of a definition between, does not close the
    string: the string was left open, and what looks like code inside it is code.
    """
    if len(quote) == 1:
        while at < len(lines):
            content = lines[at].rstrip("\r\n")
            end = _SINGLE_END[quote].match(content)
            if end:
                return at, end.end()
            if not content.endswith("\\"):
                return at, len(content)
            at += 1
        return None
    code_seen = False
    for line_number in range(at, len(lines)):
        line = lines[line_number]
        end_column = _find_triple_end(line, 0, quote) if quote in line else -1
        if end_column >= 0:
            if code_seen and _begins_docstring(lines, line_number, end_column):
                return None
            return line_number, end_column
        code_seen = code_seen or _starts_hard(line, top_level=top_level)
    return None


def _begins_docstring(lines: Sequence[str], line_number: int, column: int) -> bool:
    """Whether the quote that ends at `column` opens a string rather than closing one."""
    line = lines[line_number]
    if _AFTER_STRING.match(line, column):
        return True
    before = line[: column - 3]
    # A docstring is alone before its first word, and indented below the line that opens its block.
    return before[:1] in (" ", "\t") and not before.strip(" \t\frRuU") and lines[line_number - 1].rstrip().endswith(":")


def _starts_hard(line: str, *, top_level: bool) -> bool:
    if top_level:
        return line[:1] not in " \t\r\n#)]}" and bool(_HARD_START.match(line))
    return bool(_HARD_START.match(words_of(line)))


def _cut(lines: Sequence[str], start: int, *, top_level: bool) -> int:
    if not top_level:
        return start + 1
    at = start + 1
    while at < len(lines) and not _SOFT_START.match(lines[at]):
        at += 1
    return at
