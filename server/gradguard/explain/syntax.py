"""Hover texts for what can be read off the source alone: modules made with `inplace=True`, in-place methods nobody reached."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradguard.analysis.results import WriteRecord
    from gradguard.rules.texts import Texts
    from gradguard.text.chunks import Chunk
    from gradguard.text.places import Place
    from gradguard.text.source import SourceFile

MOST_CALLS = 5
"""How many of a flag's calls are listed: a hover is one screen at most."""


@dataclass(frozen=True, slots=True)
class Hover:
    """A Markdown text about the source at `place`."""

    place: Place
    markdown: str


def syntax_at(source: SourceFile, line: int, column: int, writes: Iterable[WriteRecord], texts: Texts) -> Hover | None:
    """What the syntax at a position (0-based, code points) says about in-place writes; None if nothing."""
    chunk = next((each for each in source.chunks if each.start_line <= line < each.end_line), None)
    if chunk is None or chunk.holes:
        return None
    best: Hover | None = None
    for node in _around(chunk, line - chunk.start_line, column):
        place = chunk.place_of(chunk.range_of(node))
        match node:
            case ast.keyword(arg="inplace", value=ast.Constant(value=True)):
                best = Hover(place, _about_flag(writes, texts))
            case ast.Call(func=ast.Attribute(attr=name)) if name.endswith("_") and Catalog.load().candidates(
                f"Tensor.{name}"
            ):
                best = Hover(place, texts.say("hover.unreached", operator=name))
    return best


def _around(chunk: Chunk, line: int, column: int) -> Iterable[ast.AST]:
    """The nodes round a position of the chunk, outermost first."""
    for top in chunk.tree:
        for node in ast.walk(top):
            if hasattr(node, "lineno"):
                start_line, start_column, end_line, end_column = chunk.range_of(node)
                if (start_line, start_column) <= (line, column) <= (end_line, end_column):
                    yield node


def _about_flag(writes: Iterable[WriteRecord], texts: Texts) -> str:
    calls = sorted(
        (write for write in writes if write.site.kind == "inplace_flag"), key=lambda each: each.site.place().range
    )
    lines = [
        texts.say(
            "hover.flag.call",
            line=write.site.place().range.start_line + 1,
            target=write.target,
            verdict=texts.say(f"hover.flag.{write.verdict}"),
        )
        for write in calls[:MOST_CALLS]
    ]
    return "\n\n".join(filter(None, [texts.say("hover.flag"), "\n".join(lines), texts.say("hover.GG103.cautions")]))
