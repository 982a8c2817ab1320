"""A finding as text: the message, the source with the places of the story marked in it, and the help.

error[GG101]: `y` is overwritten in place after `exp` saved it
  --> train.py:4:1
 3 | y = w.exp()
   |     ------- saved here: the derivative of `exp` needs its result
 4 | y += 1
   | ^^^^^^ overwritten here
 5 | y.sum().backward()
   | ------------------ needed here: torch raises
help: write out of place, or clone before the write
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gradguard.cli.width import shown
from gradguard.rules.finding import Finding
from gradguard.rules.texts import Texts
from gradguard.text.document import content_of
from gradguard.text.places import Place

WIDEST = 160
"""Display columns of a source line that are shown; of a longer line, the part round its first mark."""

_STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "hint": "1;36",
    "rule": "1",
    "frame": "34",
    "related": "36",
}
_LABELS = {"GG105": "cli.detached", "GG10": "cli.overwritten", "GG3": "cli.overwritten"}
"""What is said at the place of a finding, by the beginning of its code; the first that fits."""


@dataclass(frozen=True, slots=True)
class Style:
    """Colours, if the terminal has them."""

    colour: bool

    def paint(self, kind: str, text: str) -> str:
        """`text` in the colour of `kind`, a severity or a part of the frame."""
        return f"\x1b[{_STYLES[kind]}m{text}\x1b[0m" if self.colour and text else text


@dataclass(frozen=True, slots=True)
class _Mark:
    place: Place
    label: str
    main: bool


def framed(
    finding: Finding,
    lines_of: Callable[[str], Sequence[str]],
    name_of: Callable[[str], str],
    texts: Texts,
    style: Style,
) -> str:
    """`finding` with its source frame. `lines_of`: a file's lines, empty if it is gone. `name_of`: how a path is shown."""
    key = next((key for code, key in _LABELS.items() if finding.code.startswith(code)), None)
    label = "" if key is None else texts.say(key)
    marks = [_Mark(finding.place, label, main=True)]
    marks += [_Mark(related.place, related.message, main=False) for related in finding.related]
    paths = list(dict.fromkeys(mark.place.path for mark in marks))
    gutter = len(str(max(mark.place.range.start_line for mark in marks) + 1))
    head = style.paint(finding.severity, f"{finding.severity}[{finding.code}]")
    out = [f"{head}: {style.paint('rule', _printable(finding.message))}"]
    for path in paths:
        here = sorted(
            (mark for mark in marks if mark.place.path == path), key=lambda mark: (mark.place.range, not mark.main)
        )
        first = next((mark for mark in here if mark.main), here[0]).place.range
        arrow = "-->" if path == finding.place.path else ":::"
        position = f"{name_of(path)}:{first.start_line + 1}:{first.start_column + 1}"
        out.append(f"{' ' * gutter}{style.paint('frame', arrow)} {position}")
        out.extend(_rows(here, lines_of(path), gutter, finding.severity, style))
    if finding.help:
        out.append(f"{style.paint('rule', texts.say('cli.help'))}: {_printable(finding.help)}")
    return "\n".join(out)


def one_line(finding: Finding, name: str, style: Style) -> str:
    """`finding` on one line, for remarks that need no frame."""
    head = style.paint(finding.severity, f"{finding.severity}[{finding.code}]")
    start = finding.place.range
    return f"{name}:{start.start_line + 1}:{start.start_column + 1}: {head}: {_printable(finding.message)}"


def _rows(marks: list[_Mark], lines: Sequence[str], gutter: int, severity: str, style: Style) -> Iterator[str]:
    bar = style.paint("frame", "|")
    previous = -1
    for mark in marks:
        number = mark.place.range.start_line
        content = content_of(lines[number]) if number < len(lines) else ""
        text, columns = shown(content)
        start = min(mark.place.range.start_column, len(content))
        end = (
            min(mark.place.range.end_column, len(content))
            if mark.place.range.end_line == number
            else len(content.rstrip())
        )
        left = _left_edge(marks, number, columns)
        if number != previous:
            window = _cut(text, columns, left)
            yield f"{style.paint('frame', str(number + 1).rjust(gutter))} {bar} {window}".rstrip()
            previous = number
        from_column = columns[start] - left
        width = max(1, min(columns[end] - left, WIDEST) - from_column)
        line = style.paint(severity if mark.main else "related", ("^" if mark.main else "-") * width)
        label = f" {style.paint(severity if mark.main else 'related', _printable(mark.label))}" if mark.label else ""
        yield f"{' ' * gutter} {bar} {' ' * from_column}{line}{label}"


def _left_edge(marks: list[_Mark], number: int, columns: list[int]) -> int:
    """The display column at which the shown part of a line begins: 0, unless its first mark would be out of sight."""
    first = min(
        columns[min(mark.place.range.start_column, len(columns) - 1)]
        for mark in marks
        if mark.place.range.start_line == number
    )
    return 0 if columns[-1] <= WIDEST else max(0, first - WIDEST // 4)


def _cut(text: str, columns: list[int], left: int) -> str:
    """The part of a shown line from display column `left` on that fits."""
    if not left and columns[-1] <= WIDEST:
        return text
    out: list[str] = []
    column = 0
    for character in text:
        width = shown(character)[1][-1]
        if column >= left and column + width <= left + WIDEST:
            out.append(character)
        column += width
    return "".join(out)


def _printable(text: str) -> str:
    return shown(text)[0]
