"""What an analysis read, so that an edit elsewhere need not repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradguard.interpreter.scopes import header_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradguard.interpreter.program import Program
    from gradguard.text.chunks import Chunk

    Index = Mapping[str, tuple[Chunk, ...]]


class Reads:
    """The parts of the program that one run depended on.

    `names`: (path, module-level name) to the chunks that bound it, empty if none did. `imports`: (importer, module, level) to the file that
    was meant. `scripts`: path to the outline of a module that was run from top to bottom.
    """

    __slots__ = ("imports", "names", "scripts")

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], tuple[Chunk, ...]] = {}
        self.imports: dict[tuple[str, str, int], str | None] = {}
        self.scripts: dict[str, tuple[object, ...]] = {}

    def merge(self, other: Reads) -> None:
        """Add what another run of the same entry read."""
        self.names.update(other.names)
        self.imports.update(other.imports)
        self.scripts.update(other.scripts)

    def hold(self, program: Program, changes: Changes) -> bool:
        """Whether everything read is still as it was, given what has changed since."""
        if not self.names.keys().isdisjoint(changes.names) or not self.imports.keys().isdisjoint(changes.imports):
            return False
        for path, outline in self.scripts.items():
            source = program.source(path)
            if (
                source is None
                or outline_of(source.chunks, {part for part in outline if not isinstance(part, str)}) != outline
            ):
                return False
        return True


class Changes(NamedTuple):
    """Names that are bound otherwise than before, as (path, name), and imports that mean another file."""

    names: set[tuple[str, str]]
    imports: set[tuple[str, str, int]]


class Snapshot:
    """How everything stood that the entries of one analysis read, so that one look tells what has changed."""

    __slots__ = ("_imports", "_indexes")

    def __init__(self, reads: Iterable[Reads], index: Callable[[str], Index | None], known: Snapshot | None) -> None:
        """`reads`: those of all entries. `known`: the snapshot before, whose files count on; `index` as in `changes`."""
        self._imports: dict[tuple[str, str, int], str | None] = {}
        self._indexes: dict[str, Index | None] = {}
        for path in known._indexes if known is not None else ():
            self._indexes[path] = index(path)
        for each in reads:
            self._imports.update(each.imports)
            for path, _ in each.names:
                if path not in self._indexes:
                    self._indexes[path] = index(path)

    def changes(self, program: Program, index: Callable[[str], Index | None]) -> Changes:
        """What differs now. `index`: a file's module-level names with the statements that bind them, None if it is gone."""
        names: set[tuple[str, str]] = set()
        for path, before in self._indexes.items():
            now = index(path)
            if now is before:
                continue
            old, new = before or {}, now or {}
            names.update((path, name) for name, chunks in old.items() if new.get(name) != chunks)
            names.update((path, name) for name in new if name not in old)
        moved = {key for key, target in self._imports.items() if program.resolve(*key) != target}
        return Changes(names, moved)


def outline_of(chunks: tuple[Chunk, ...], read: set[object]) -> tuple[object, ...]:
    """The module as a script sees it: a function or class whose body was not `read` counts only by its header."""
    return tuple(chunk if chunk in read else header_of(chunk) or chunk for chunk in chunks)
