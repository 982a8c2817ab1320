"""The interpreter's view of the workspace: sources by path, and which file an import names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gradguard.text.source import SourceFile


class Program(Protocol):
    """What the interpreter asks of whoever holds the files."""

    @property
    def resolution(self) -> object:
        """The same object for as long as `resolve` answers as before."""

    def source(self, path: str) -> SourceFile | None:
        """The file at `path` as it stands, or None if there is none."""

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The path of the workspace file that `importer` means by `module` (`level` leading dots), or None."""


class NoFiles:
    """The program of a text that has no other files beside it."""

    resolution = None

    def source(self, path: str) -> SourceFile | None:
        """None."""
        return None

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """None."""
        return None
