"""The files that a fix may edit, as they are and as they would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gradguard.fixes.fix import applied
from gradguard.text.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradguard.fixes.fix import Edit


class Files(Protocol):
    """The files that a finding rests on, of those that belong to the user."""

    @property
    def paths(self) -> Sequence[str]:
        """All of them, the likeliest to need an edit first."""

    def source(self, path: str) -> SourceFile | None:
        """The text at `path`, the same object each time; None for a file that no fix may edit."""


class ChangedFiles:
    """`files`, some of them with other texts."""

    def __init__(self, files: Files, texts: Mapping[str, str]) -> None:
        self._files = files
        self._changed = {path: SourceFile(path, text) for path, text in texts.items()}

    @property
    def paths(self) -> Sequence[str]:
        """Those of the files."""
        return self._files.paths

    def source(self, path: str) -> SourceFile | None:
        """The changed text, else that of the files."""
        return self._changed.get(path) or self._files.source(path)

    def after(self, edits: Iterable[Edit]) -> dict[str, str] | None:
        """All texts that differ from the first ones once `edits` are made here too; None if one edits a foreign file."""
        texts = texts_after(self, edits)
        return None if texts is None else {path: source.text for path, source in self._changed.items()} | texts


def texts_after(files: Files, edits: Iterable[Edit]) -> dict[str, str] | None:
    """The texts of the files that `edits` change; None if one of them may not be edited."""
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.place.path, []).append(edit)
    texts: dict[str, str] = {}
    for path, its_edits in by_path.items():
        source = files.source(path)
        if source is None:
            return None
        texts[path] = applied(source.text, its_edits)
    return texts
