"""One version of a Python file: its text and the top-level statements that it is made of.

An edit makes the next version and keeps the `Chunk` objects of all statements whose text stayed, also when they moved.
"""

from __future__ import annotations

import weakref
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from gradguard.text.chunks import Chunk, Stretches, differing
from gradguard.text.document import Change, Document
from gradguard.text.statements import Extent, next_statement

MARK = "gradguard:"
"""What comments that speak to gradguard contain."""

_START = attrgetter("start")


class _Step(NamedTuple):
    """The edit that made a version.

    `before`: the version before. `stretches`: the statements in which both differ. `moved`: whether others stand on other lines.
    """

    before: weakref.ref[SourceFile]
    stretches: Stretches
    moved: bool


class SourceFile:
    """A file's text at one moment.

    `path`: the name under which the project knows the file. `version`: the editor's number for this text, 0 on disk.
    `marked`: the lines that contain MARK, in order.
    """

    __slots__ = ("__weakref__", "_extents", "_step", "chunks", "document", "marked", "path", "version")

    def __init__(self, path: str, text: str, version: int = 0) -> None:
        """Cut `text` into statements; nothing is parsed until somebody asks a chunk for its tree."""
        self.path = path
        self.version = version
        self.document = Document.of(text)
        self.marked = _marked(self.document.lines, 0, len(self.document.lines))
        self._extents = _extents(self.document.lines)
        self._step: _Step | None = None
        self.chunks = tuple(_chunk(path, self.document.lines, extent) for extent in self._extents)

    @property
    def text(self) -> str:
        """The whole text."""
        return self.document.text

    def edited(self, changes: Sequence[Change] | str, version: int) -> SourceFile:
        """The next version, after `changes` one by one (each in terms of the text before it) or with a new text.

        The chunks of both versions that have the same text are the same objects, and stand where the newer one has
        them. They must stand where this version has them before (`lay_out`).
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
        edited._extents, edited.chunks, first, old_last, last = self._rechunked(document.lines, leading, trailing)
        stretches = differing(self.chunks[first:old_last], edited.chunks[first:last])
        moved = edited._lay_out(first, last)
        if len(document.lines) != len(self.document.lines):
            moved = edited._lay_out(last, len(edited.chunks)) or moved
        edited._step = _Step(weakref.ref(self), stretches, moved)
        return edited

    def differing(self, other: SourceFile) -> Stretches:
        """The statements of `other`, nearly always the version before this one, that are not here, and those here that are not there."""
        step = self._step
        return step.stretches if step is not None and step.before() is other else differing(other.chunks, self.chunks)

    def moved_since(self, other: SourceFile) -> bool:
        """Whether statements outside the `differing` ones may stand on other lines than in `other`."""
        step = self._step
        return other is not self and (step is None or step.moved or step.before() is not other)

    def __contains__(self, chunk: Chunk) -> bool:
        """Whether the statement is one of this version, the newest one."""
        at = bisect_left(self._extents, chunk.start_line, key=_START)
        return at < len(self.chunks) and self.chunks[at] is chunk

    def lay_out(self) -> None:
        """Tell the chunks where they stand in this version, after another version that shares them has told them otherwise."""
        self._lay_out(0, len(self.chunks))

    def _lay_out(self, first: int, last: int) -> bool:
        """Tell some of the chunks; whether any stood elsewhere."""
        moved = False
        for chunk, extent in zip(self.chunks[first:last], self._extents[first:last], strict=True):
            if chunk.start_line != extent.start:
                chunk.start_line = extent.start
                moved = True
        return moved

    def _marked_again(self, lines: Sequence[str], leading: int, trailing: int) -> tuple[int, ...]:
        """The marked lines of `lines`, whose first `leading` and last `trailing` lines are as before."""
        behind = max(leading, len(self.document.lines) - trailing)
        moved = len(lines) - len(self.document.lines)
        return (
            *(line for line in self.marked if line < leading),
            *_marked(lines, leading, len(lines) - trailing),
            *(line + moved for line in self.marked if line >= behind),
        )

    def _rechunked(
        self, lines: Sequence[str], leading: int, trailing: int
    ) -> tuple[list[Extent], tuple[Chunk, ...], int, int, int]:
        """The statements of `lines`, whose first `leading` and last `trailing` lines are as before.

        Also from which one on, up to which one of before, and up to which one now they were read again.
        """
        old = self._extents
        moved = len(lines) - len(self.document.lines)
        kept = next((at for at, extent in enumerate(old) if extent.looked > leading), len(old))
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
        last = len(extents)
        if moved:
            extents.extend(Extent(each.start + moved, each.end + moved, each.looked + moved) for each in old[resume:])
        else:
            extents.extend(old[resume:])
        chunks.extend(self.chunks[resume:])
        return extents, tuple(chunks), kept, resume, last


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
