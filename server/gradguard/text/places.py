"""Places in source text: 0-based lines and 0-based columns counted in code points, end exclusive.

Every floor speaks of source in these terms; only `lsp` counts in UTF-16 (or what the client negotiated).
"""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """A half-open stretch of text; lines and columns are 0-based, columns count code points."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int

    def shifted(self, lines: int) -> Range:
        """The same range `lines` further down."""
        return Range(self.start_line + lines, self.start_column, self.end_line + lines, self.end_column)


class Place(NamedTuple):
    """A range in one file; `path` is the name under which the project knows the file."""

    path: str
    range: Range
