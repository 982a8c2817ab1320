"""The analyses of all files: which still hold, which bear on which file, and which have to be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gradguard.analysis.unfinished import Unfinished
from gradguard.interpreter.budget import never

if TYPE_CHECKING:
    from gradguard.analysis.reports import FileAnalysis
    from gradguard.interpreter.program import Program
    from gradguard.text.source import SourceFile


class Analyse(Protocol):
    """`gradguard.analysis.files.analyse_file`."""

    def __call__(
        self,
        source: SourceFile,
        program: Program,
        previous: FileAnalysis | None = None,
        *,
        torch_version: str | None = None,
        interrupted: Callable[[], bool] = never,
    ) -> FileAnalysis:
        """Analyse `source`; what `previous` says about unchanged parts may be used again."""


class _Known(NamedTuple):
    source: SourceFile
    torch_version: str | None
    analysis: FileAnalysis


class Analyses:
    """The newest analysis of each file that was asked for.

    `program` is told of by `changed` and `all_may_have_changed`: an analysis is looked at again only if something that it read may be
    otherwise. `interrupted` as in `analyse`.
    """

    def __init__(self, program: Program, analyse: Analyse | None, interrupted: Callable[[], bool]) -> None:
        self._program = program
        self._analyse = analyse
        self._interrupted = interrupted
        self._known: dict[str, _Known] = {}
        self._unfinished: dict[str, _Known] = {}
        self._doubtful: set[str] = set()
        self._placed: dict[str, frozenset[str]] = {}
        self._bearing: dict[str, dict[str, None]] = {}  # the inverse of `_placed`, in order of analysis

    def changed(self, path: str) -> None:
        """The text at `path` is another one."""
        self._doubtful.update(
            other for other, known in self._known.items() if other == path or path in known.analysis.readers.paths
        )

    def all_may_have_changed(self) -> None:
        """Files came or went, or imports mean others."""
        self._doubtful.update(self._known)

    def known(self, path: str) -> FileAnalysis | None:
        """The last analysis of `path`, whether it holds or not."""
        known = self._known.get(path)
        return None if known is None else known.analysis

    def of(self, source: SourceFile, torch_version: str | None) -> FileAnalysis:
        """The analysis of `source`, which is the program's own. Raises Interrupted."""
        path = source.path
        known = self._known.get(path) or self._unfinished.get(path)
        if known is not None and known.torch_version != torch_version:
            known = None
        if known is not None and known.source is source and path in self._known and self.holds(path):
            return known.analysis
        try:
            analysis = self.made(source, self._program, None if known is None else known.analysis, torch_version)
        except Unfinished as interruption:
            if path not in self._known:
                self._unfinished[path] = _Known(source, torch_version, interruption.finished)
            raise
        self._unfinished.pop(path, None)
        self._known[path] = _Known(source, torch_version, analysis)
        self._doubtful.discard(path)
        self._note_places(path, analysis.paths - {path})
        return analysis

    def made(
        self, source: SourceFile, program: Program, previous: FileAnalysis | None, torch_version: str | None
    ) -> FileAnalysis:
        """An analysis that is not kept, of a text which may be none of the program's own. Raises Interrupted."""
        if self._analyse is None:
            from gradguard.analysis.files import analyse_file

            self._analyse = analyse_file
        return self._analyse(source, program, previous, torch_version=torch_version, interrupted=self._interrupted)

    def holds(self, path: str) -> bool:
        """Whether everything that the analysis of `path` read is as it was."""
        if path not in self._doubtful:
            return True
        known = self._known[path]
        if known.source is not self._program.source(path) or known.analysis.readers.stale(self._program):
            return False
        self._doubtful.discard(path)
        return True

    def placed_in(self, path: str) -> frozenset[str]:
        """The other files in which the last analysis of `path` found something."""
        return self._placed.get(path, frozenset())

    def bearing_on(self, path: str) -> Iterator[FileAnalysis]:
        """The analyses that found something in the file at `path` and still hold, its own first."""
        if path in self._known:
            yield self._known[path].analysis
        for other in self._bearing.get(path, ()):
            if self.holds(other):
                yield self._known[other].analysis

    def _note_places(self, path: str, placed: frozenset[str]) -> None:
        for gone in self.placed_in(path) - placed:
            self._bearing[gone].pop(path, None)
        for place in placed:
            self._bearing.setdefault(place, {})[path] = None
        self._placed[path] = placed
