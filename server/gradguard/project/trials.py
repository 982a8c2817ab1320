"""What would be said of other texts: fixes are tried out on the analyses that bear on a finding."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gradguard.fixes.trial import Trial
from gradguard.project.discovery import NEVER_ENTERED
from gradguard.project.listing import listed
from gradguard.project.suppression import suppressions_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gradguard.analysis.reports import FileAnalysis
    from gradguard.project.workspace import Workspace
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.text.source import SourceFile


class Trials:
    """The files that a finding in `path` rests on (`gradguard.fixes.files.Files`), and their analyses with other texts.

    `bearing`: the analyses that found something in `path`, its own first.
    """

    def __init__(self, workspace: Workspace, path: str, bearing: Sequence[FileAnalysis], texts: Texts) -> None:
        self._workspace = workspace
        self._path = path
        self._bearing = tuple(dict.fromkeys(analysis.path for analysis in bearing))
        self._texts = texts
        self.paths = tuple(dict.fromkeys((path, *filter(self._is_editable, (*self._bearing, *_imported(bearing))))))

    def source(self, path: str) -> SourceFile | None:
        """The present text at `path`; None if it is not the user's, as that of an installed package."""
        return self._workspace.source(path) if path == self._path or self._is_editable(path) else None

    def reanalyse(self, texts: Mapping[str, str]) -> Trial:
        """What the bearing analyses, and those of the files of `texts`, say if these files have these texts."""
        sources = {path: source for path in texts if (source := self._workspace.source(path)) is not None}
        trials = {path: source.edited(texts[path], source.version) for path, source in sources.items()}
        try:
            running = dict.fromkeys((*self._bearing, *trials))
            analyses = [self._workspace.analysis_with(trials, path) for path in running]
            found = [
                finding
                for path in dict.fromkeys((self._path, *trials))
                for finding in self._said(analyses, path, trials.get(path) or self._workspace.source(path))
            ]
            return Trial(tuple(found), tuple(line for analysis in analyses for line in analysis.log))
        finally:
            for source in sources.values():
                source.lay_out()  # The trial shares its chunks, and moved them.

    def _said(self, analyses: Sequence[FileAnalysis], path: str, source: SourceFile | None) -> Sequence[Finding]:
        if source is None:
            return ()
        listing = listed(
            source, analyses, self._workspace.configuration(path), self._texts, self._workspace.listing(path)
        )
        return suppressions_in(source).apply(listing.findings)

    def _is_editable(self, path: str) -> bool:
        if self._workspace.is_open(path):
            return True
        roots = self._workspace.roots or (os.path.dirname(self._path),)
        within = any(path.startswith(os.path.join(root, "")) for root in roots)
        return within and NEVER_ENTERED.isdisjoint(path.split(os.sep)) and not self._workspace.excludes(path)


def _imported(analyses: Iterable[FileAnalysis]) -> Iterator[str]:
    """The files that the runs of `analyses` imported."""
    for analysis in analyses:
        for entry in analysis.entries:
            yield from (target for target in entry.reads.imports.values() if target is not None)
