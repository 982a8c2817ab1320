"""The files that the project knows: what an editor has open goes before what lies on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence

from gradguard.text.decoding import decode
from gradguard.text.document import Change
from gradguard.text.source import SourceFile


class Files:
    """Sources by path. A path is an absolute file name, or whatever name the editor gave to a text without a file.

    Files on disk are read once; `changed_on_disk` makes them read again. Statements that stay keep their `Chunk` objects
    through all of this.
    """

    def __init__(self) -> None:
        self._open: dict[str, SourceFile] = {}
        self._on_disk: dict[str, SourceFile] = {}
        self._stale: set[str] = set()
        self._unreadable: dict[str, str] = {}
        self._exists: dict[str, bool] = {}

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The open texts, in the order in which they were opened."""
        return tuple(self._open)

    def is_open(self, path: str) -> bool:
        """Whether an editor has the text at `path`."""
        return path in self._open

    def open(self, path: str, text: str, version: int) -> SourceFile:
        """An editor takes over the text at `path`; opening twice replaces the text."""
        known = self._open.get(path) or self._on_disk.get(path)
        source = SourceFile(path, text, version) if known is None else known.edited(text, version)
        self._open[path] = source
        return source

    def change(self, path: str, changes: Sequence[Change], version: int) -> SourceFile:
        """Changes to an open text. Raises KeyError if it is not open."""
        source = self._open[path].edited(changes, version)
        self._open[path] = source
        return source

    def close(self, path: str) -> None:
        """The editor gives the text back: from now on the file on disk counts, if there is one."""
        source = self._open.pop(path, None)
        if source is not None:
            self._on_disk[path] = source
            self.changed_on_disk(path)

    def changed_on_disk(self, path: str) -> None:
        """The file at `path` was made, changed or deleted."""
        self._stale.add(path)
        self._unreadable.pop(path, None)
        self._exists.clear()

    def source(self, path: str) -> SourceFile | None:
        """The text at `path` as it stands; None if there is none or if it cannot be read."""
        source = self._open.get(path)
        if source is not None:
            return source
        if path in self._on_disk and path not in self._stale:
            return self._on_disk[path]
        if path in self._unreadable:
            return None
        return self._read(path)

    def problem(self, path: str) -> str:
        """Why the file at `path` cannot be read; "" if it can."""
        return "" if self.source(path) is not None else self._unreadable.get(path, "")

    def is_file(self, path: str) -> bool:
        """Whether there is a text at `path`, open or on disk."""
        if path in self._open:
            return True
        known = self._exists.get(path)
        if known is None:
            known = self._exists[path] = os.path.isfile(path)
        return known

    def _read(self, path: str) -> SourceFile | None:
        self._stale.discard(path)
        previous = self._on_disk.pop(path, None)
        try:
            with open(path, "rb") as file:
                decoded = decode(file.read())
            problem = decoded.problem
        except (OSError, ValueError) as error:
            problem = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        if problem:
            self._unreadable[path] = problem
            return None
        source = SourceFile(path, decoded.text) if previous is None else previous.edited(decoded.text, 0)
        self._on_disk[path] = source
        return source
