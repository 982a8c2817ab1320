r"""A text as LSP sees it: lines end at `\n`, `\r\n` and `\r`, and at nothing else.

`str.splitlines` also splits at form feeds, `\x1c`, `\x85`, U+2028 and others, which neither LSP nor Python's tokenizer
does. Columns inside the project count code points; an editor may count in UTF-8 or UTF-16 units, and a `Change` says in
which.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from gradguard.text.places import Range

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Change(NamedTuple):
    """Replace `range` by `text`; columns of `range` count units of `encoding`. Without a range: the whole text."""

    range: Range | None
    text: str
    encoding: Encoding = "utf-32"


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their ends; the last one has none and may be empty, so that there is always one."""
    if "\r" in text:
        lines: list[str] = _LINE.findall(text)
    else:
        lines = [line + "\n" for line in text.split("\n")]
        lines[-1] = lines[-1][:-1]
        if not lines[-1]:
            lines.pop()
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


def content_of(line: str) -> str:
    """`line` without its end."""
    return line.rstrip("\r\n")


class Document:
    """An immutable text; `edited` makes the next one and shares the lines that stay."""

    __slots__ = ("_text", "lines")

    def __init__(self, lines: list[str]) -> None:
        """`lines` as `split_lines` makes them; they are not changed afterwards."""
        self._text: str | None = None
        self.lines = lines

    @classmethod
    def of(cls, text: str) -> Document:
        """The document that holds `text`."""
        return cls(split_lines(_joined_pairs(text)))

    @property
    def text(self) -> str:
        """The whole text."""
        if self._text is None:
            self._text = "".join(self.lines)
        return self._text

    def edited(self, change: Change) -> tuple[Document, int, int]:
        """The text after `change`, the number of leading lines that stayed as they were, and that of trailing ones.

        Positions outside the text are moved to its nearest end, a reversed range is turned round: what editors do.
        """
        if change.range is None:
            return self._replaced(change.text)
        start_line, start_column, end_line, end_column = change.range
        if (start_line, start_column) > (end_line, end_column):
            start_line, start_column, end_line, end_column = end_line, end_column, start_line, start_column
        lines = self.lines
        start_line, before, _ = self._split(start_line, start_column, change.encoding)
        end_line, _, after = self._split(end_line, end_column, change.encoding)
        middle = before + change.text + after
        end_line += 1
        # A carriage return and a line feed that come together make one line end.
        if start_line and middle.startswith("\n") and lines[start_line - 1].endswith("\r"):
            start_line -= 1
            middle = lines[start_line] + middle
        if end_line < len(lines) and middle.endswith("\r") and lines[end_line].startswith("\n"):
            middle += lines[end_line]
            end_line += 1
        new = split_lines(_joined_pairs(middle))
        if end_line < len(lines):
            new.pop()  # the empty last line of `middle` is no line of the whole text
        behind = len(lines) - end_line
        lines = lines.copy()
        lines[start_line:end_line] = new
        return Document(lines), start_line, behind

    def text_in(self, range: Range) -> str:
        """The text in `range` (code points); positions outside are moved to the nearest end."""
        start_line, before, first = self._split(range.start_line, range.start_column, "utf-32")
        end_line, last, _ = self._split(range.end_line, range.end_column, "utf-32")
        if start_line == end_line:
            return last[len(before) :]
        return first + "".join(self.lines[start_line + 1 : end_line]) + last

    def column_of(self, line: int, units: int, encoding: Encoding) -> int:
        """The code-point column of a position in `units`; inside a character: its start; past the end: the end."""
        text = content_of(self.lines[line]) if 0 <= line < len(self.lines) else ""
        if encoding == "utf-32" or text.isascii():
            return max(0, min(units, len(text)))
        before, after = _split_units(text, max(0, units), encoding)
        if encoding == "utf-16" and before and after and _joined_pairs(before[-1] + after[0]) != before[-1] + after[0]:
            return len(before) - 1
        return len(before)

    def units_of(self, line: int, column: int, encoding: Encoding) -> int:
        """The inverse of `column_of`: code points to units of `encoding`."""
        if 0 <= line < len(self.lines) and 0 <= column < len(self.lines[line]) - 1 and self.lines[line].isascii():
            return column  # nearly always, and asked for every place that is shown
        text = content_of(self.lines[line]) if 0 <= line < len(self.lines) else ""
        column = max(0, min(column, len(text)))
        if encoding == "utf-32" or text.isascii():
            return column
        before = text[:column]
        if encoding == "utf-16":
            return len(before.encode("utf-16-le", "surrogatepass")) // 2
        return len(before.encode("utf-8", "surrogatepass"))

    def encoded(self, range: Range, encoding: Encoding) -> Range:
        """`range` with its columns in units of `encoding`."""
        return Range(
            range.start_line,
            self.units_of(range.start_line, range.start_column, encoding),
            range.end_line,
            self.units_of(range.end_line, range.end_column, encoding),
        )

    def decoded(self, range: Range, encoding: Encoding) -> Range:
        """`range`, whose columns count units of `encoding`, in code points."""
        return Range(
            range.start_line,
            self.column_of(range.start_line, range.start_column, encoding),
            range.end_line,
            self.column_of(range.end_line, range.end_column, encoding),
        )

    def _replaced(self, text: str) -> tuple[Document, int, int]:
        new = Document.of(text)
        most = min(len(self.lines), len(new.lines))
        leading = next((at for at in range(most) if self.lines[at] != new.lines[at]), most)
        most -= leading
        trailing = next((at for at in range(most) if self.lines[-1 - at] != new.lines[-1 - at]), most)
        return new, leading, trailing

    def _split(self, line: int, units: int, encoding: Encoding) -> tuple[int, str, str]:
        """The line moved into the text, and that line cut in two at `units`."""
        if line < 0:
            line, units = 0, 0
        if line >= len(self.lines):
            line, units = len(self.lines) - 1, len(self.lines[-1]) * 4
        text = self.lines[line]
        content = content_of(text)
        before, after = _split_units(content, max(0, units), encoding)
        return line, before, after + text[len(content) :]


def _split_units(text: str, units: int, encoding: Encoding) -> tuple[str, str]:
    """Cut `text` after `units`; UTF-16 may cut a pair in two, as its editors can, UTF-8 moves to the start."""
    if encoding == "utf-32" or text.isascii():
        return text[:units], text[units:]
    if encoding == "utf-16":
        data = text.encode("utf-16-le", "surrogatepass")
        return (
            data[: 2 * units].decode("utf-16-le", "surrogatepass"),
            data[2 * units :].decode("utf-16-le", "surrogatepass"),
        )
    data = text.encode("utf-8", "surrogatepass")
    units = min(units, len(data))
    while units < len(data) and data[units] & 0xC0 == 0x80:
        units -= 1
    return data[:units].decode("utf-8", "surrogatepass"), data[units:].decode("utf-8", "surrogatepass")


def _joined_pairs(text: str) -> str:
    """`text` with the halves of surrogate pairs, which UTF-16 edits can bring together, made one character."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
