"""One version of a Python file: its text and the top-level statements that it is made of.

An edit makes the next version and keeps the `Chunk` objects of all statements whose text stayed, also when they moved.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from gradguard.text.chunks import Chunk
from gradguard.text.document import Change, Document
from gradguard.text.statements import Extent, next_statement

MARK = "gradguard:"
"""What comments that speak to gradguard contain."""


class SourceFile:
    """A file's text at one moment.

    `path`: the name under which the project knows the file. `version`: the editor's number for this text, 0 on disk.
    `marked`: the lines that contain MARK, in order.
    """

    __slots__ = ("__weakref__", "_extents", "chunks", "document", "marked", "path", "version")

    def __init__(self, path: str, text: str, version: int = 0) -> None:
        """Cut `text` into statements; nothing is parsed until somebody asks a chunk for its tree."""
        self.path = path
        self.version = version
        self.document = Document.of(text)
        self.marked = _marked(self.document.lines, 0, len(self.document.lines))
        self._extents = _extents(self.document.lines)
        self.chunks = tuple(_chunk(path, self.document.lines, extent) for extent in self._extents)

    @property
    def text(self) -> str:
        """The whole text."""
        return self.document.text

    def edited(self, changes: Sequence[Change] | str, version: int) -> SourceFile:
        """The next version, after `changes` one by one (each in terms of the text before it) or with a new text.

        The chunks of both versions that have the same text are the same objects, and stand where the newer one has
        them.
        """
        if isinstance(changes, str):
            changes = [Change(None, changes)]
        document = self.document
        leading = trailing = len(document.lines)
        for change in changes:
            document, first, last = document.edited(change)
            leading, trailing = min(leading, first), min(trailing, last)
        edited = SourceFile.__new__(SourceFile)
        edited.path = self.path
        edited.version = version
        edited.document = document
        edited.marked = self._marked_again(document.lines, leading, trailing)
        edited._extents, edited.chunks = self._rechunked(document.lines, leading, trailing)
        edited.lay_out()
        return edited

    def lay_out(self) -> None:
        """Tell the chunks where they stand in this version, after another version that shares them has told them otherwise."""
        for chunk, extent in zip(self.chunks, self._extents, strict=True):
            chunk.start_line = extent.start

    def _marked_again(self, lines: Sequence[str], leading: int, trailing: int) -> tuple[int, ...]:
        """The marked lines of `lines`, whose first `leading` and last `trailing` lines are as before."""
        behind = max(leading, len(self.document.lines) - trailing)
        moved = len(lines) - len(self.document.lines)
        return (
            *(line for line in self.marked if line < leading),
            *_marked(lines, leading, len(lines) - trailing),
            *(line + moved for line in self.marked if line >= behind),
        )

    def _rechunked(self, lines: Sequence[str], leading: int, trailing: int) -> tuple[list[Extent], tuple[Chunk, ...]]:
        """The statements of `lines`, whose first `leading` and last `trailing` lines are as before."""
        old = self._extents
        moved = len(lines) - len(self.document.lines)
        kept = 0
        while kept < len(old) and old[kept].looked <= leading:
            kept += 1
        extents = old[:kept]
        position = extents[-1].end if extents else 0
        resume = kept  # the first old statement that may be met again unchanged
        while True:
            extent = next_statement(lines, position)
            if extent is None:
                resume = len(old)
                break
            while resume < len(old) and old[resume].start + moved < extent.start:
                resume += 1
            same_start = resume < len(old) and old[resume].start + moved == extent.start
            if same_start and extent.start >= len(lines) - trailing:
                break
            extents.append(extent)
            position = extent.end
        read_again = slice(kept, resume)
        reusable: defaultdict[tuple[str, ...], deque[Chunk]] = defaultdict(deque)
        for chunk in self.chunks[read_again]:
            reusable[chunk.lines].append(chunk)
        chunks = list(self.chunks[:kept])
        for extent in extents[kept:]:
            same = reusable.get(tuple(lines[extent.start : extent.end]))
            chunks.append(same.popleft() if same else _chunk(self.path, lines, extent))
        if moved:
            extents.extend(Extent(each.start + moved, each.end + moved, each.looked + moved) for each in old[resume:])
        else:
            extents.extend(old[resume:])
        chunks.extend(self.chunks[resume:])
        return extents, tuple(chunks)


def _marked(lines: Sequence[str], start: int, end: int) -> tuple[int, ...]:
    return tuple(number for number in range(start, end) if MARK in lines[number])


def _extents(lines: Sequence[str]) -> list[Extent]:
    extents = []
    extent = next_statement(lines, 0)
    while extent is not None:
        extents.append(extent)
        extent = next_statement(lines, extent.end)
    return extents


def _chunk(path: str, lines: Sequence[str], extent: Extent) -> Chunk:
    return Chunk(path, tuple(lines[extent.start : extent.end]), extent.start)
