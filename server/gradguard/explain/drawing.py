"""Draws a timeline as an SVG that needs no scripts and nothing from outside.

Colours are those of the editor's theme where the picture is shown in VS Code, and fixed ones elsewhere. What is clickable
carries its place as data attributes, which its reader chooses: an editor counts columns in its own units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradguard.explain.timeline import Lane, Mark, Timeline
    from gradguard.text.places import Place

Locate = Callable[["Place"], Mapping[str, object]]
"""From a place to the data attributes that stand for it: `{"line": 3, "character": 0}`."""

ROW: Final = 34
HEAD: Final = 72
LANE: Final = 190
MARK: Final = 15
MARGIN: Final = 16
CHARACTER: Final = 7.4
LONGEST_LINE: Final = 60
LONGEST_NAME: Final = 20

STYLE: Final = """
text { font: 12px var(--vscode-editor-font-family, monospace); fill: var(--vscode-editor-foreground, #24292f); }
.title { font-weight: bold; font-size: 14px; }
.number, .version { fill: var(--vscode-editorLineNumber-foreground, #6e7781); }
.lane { stroke: var(--vscode-editorLineNumber-foreground, #6e7781); stroke-width: 2; }
.row { stroke: var(--vscode-editorLineNumber-foreground, #6e7781); stroke-width: 0.5; stroke-dasharray: 2 4; }
.paper { fill: var(--vscode-editor-background, #ffffff); }
.mark { fill: var(--vscode-charts-blue, #0969da); stroke: var(--vscode-editor-background, #ffffff); stroke-width: 1.5; }
.broken { fill: var(--vscode-charts-red, #cf222e); }
.pair { fill: none; stroke: var(--vscode-charts-red, #cf222e); stroke-width: 2; }
"""


def drawn(timeline: Timeline, locate: Locate) -> str:
    """The SVG of `timeline`. Saves are circles, writes squares, needs triangles; red is what is at odds."""
    left = MARGIN + 40 + min(max(len(text) for _, text in timeline.rows), LONGEST_LINE) * CHARACTER + 40
    height = {line: HEAD + number * ROW for number, (line, _) in enumerate(timeline.rows)}
    width = round(left + len(timeline.lanes) * LANE + MARGIN)
    total = HEAD + len(timeline.rows) * ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" width="{width}" height="{total}" role="img">',
        f"<title>{escape(timeline.title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{total}"/>',
        f'<text class="title" x="{MARGIN}" y="24">{escape(timeline.title)}</text>',
    ]
    for line, text in timeline.rows:
        y = height[line]
        shown = _shortened(text, LONGEST_LINE)
        parts.append(f'<line class="row" x1="{MARGIN}" y1="{y + ROW // 2}" x2="{width - MARGIN}" y2="{y + ROW // 2}"/>')
        parts.append(f'<text class="number" x="{MARGIN + 24}" y="{y + 4}" text-anchor="end">{line + 1}</text>')
        parts.append(f'<text x="{MARGIN + 36}" y="{y + 4}" xml:space="preserve">{escape(shown)}</text>')
    for number, lane in enumerate(timeline.lanes):
        parts += _lane(lane, left + number * LANE + 20, height, locate)
    parts.append("</svg>")
    return "\n".join(parts)


def _lane(lane: Lane, x: float, height: Mapping[int, int], locate: Locate) -> list[str]:
    marks = [mark for mark in lane.marks if mark.line in height]
    at = [
        (mark, y)
        for line, group in groupby(marks, key=lambda mark: mark.line)
        for mark, y in _spread(group, height[line])
    ]
    ys = [y for _, y in at]
    broken = [y for mark, y in at if mark.broken]
    return [
        f'<text class="title" x="{x:g}" y="48" text-anchor="middle">{escape(_shortened(lane.name, LONGEST_NAME))}</text>',
        f'<line class="lane" x1="{x:g}" y1="{min(ys):g}" x2="{x:g}" y2="{max(ys):g}"/>',
        *(
            f'<path class="pair" d="M{x:g} {start:g} C{x - 28:g} {start:g} {x - 28:g} {end:g} {x:g} {end:g}"/>'
            for start, end in pairwise(broken)
        ),
        *(_drawn_mark(mark, x, y, locate) for mark, y in at),
    ]


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _spread(marks: Iterable[Mark], y: float) -> Iterable[tuple[Mark, float]]:
    """The marks of one row, one below the other around its middle."""
    group = tuple(marks)
    return [(mark, y + (number - (len(group) - 1) / 2) * MARK) for number, mark in enumerate(group)]


def _drawn_mark(mark: Mark, x: float, y: float, locate: Locate) -> str:
    kind = f"mark {mark.kind} broken" if mark.broken else f"mark {mark.kind}"
    shape = {
        "save": f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="6"/>',
        "write": f'<rect class="{kind}" x="{x - 6:g}" y="{y - 6:g}" width="12" height="12" rx="2"/>',
        "need": f'<path class="{kind}" d="M{x:g} {y - 7:g} L{x + 7:g} {y + 6:g} L{x - 7:g} {y + 6:g} Z"/>',
    }[mark.kind]
    data = " ".join(f'data-{name}="{escape(str(value))}"' for name, value in locate(mark.place).items())
    label = (
        f'<text x="{x + 14:g}" y="{y + 4:g}">{escape(mark.label)} <tspan class="version">v{mark.version}</tspan></text>'
    )
    return f"<g {data}>{shape}{label}</g>"
