"""What an analysis read, so that an edit elsewhere need not repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.scopes import header_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradguard.interpreter.program import Program
    from gradguard.text.chunks import Chunk


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

    def hold(self, program: Program, index: Callable[[str], Mapping[str, tuple[Chunk, ...]] | None]) -> bool:
        """Whether everything read is still as it was. `index`: a file's module-level names with their chunks, None if it is gone."""
        for (path, name), chunks in self.names.items():
            names = index(path)
            now = names.get(name, ()) if names is not None else ()
            if len(now) != len(chunks) or any(a is not b for a, b in zip(now, chunks, strict=True)):
                return False
        for (importer, module, level), target in self.imports.items():
            if program.resolve(importer, module, level) != target:
                return False
        for path, outline in self.scripts.items():
            source = program.source(path)
            if (
                source is None
                or outline_of(source.chunks, {part for part in outline if not isinstance(part, str)}) != outline
            ):
                return False
        return True


def outline_of(chunks: tuple[Chunk, ...], read: set[object]) -> tuple[object, ...]:
    """The module as a script sees it: a function or class whose body was not `read` counts only by its header."""
    return tuple(chunk if chunk in read else header_of(chunk) or chunk for chunk in chunks)
