"""The workspace: open texts over files on disk, what is known about each, and what an edit makes necessary again.

The faces talk to this class alone. They open, change and close texts, say what changed on disk or in the settings, and ask for
reports. Paths are absolute file names; a text without a file goes by any other name, such as its URI.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gradguard.interpreter.budget import never
from gradguard.project.analyses import Analyse, Analyses
from gradguard.project.configuration import Configuration, Problem
from gradguard.project.configurations import Configurations
from gradguard.project.discovery import excluded, python_files
from gradguard.project.environment import site_packages
from gradguard.project.files import Files
from gradguard.project.imports import resolve
from gradguard.project.listing import Listing, listed
from gradguard.project.packages import installed_source, search_path
from gradguard.project.report import Report
from gradguard.project.suppression import Suppressions, suppressions_in
from gradguard.torchfacts.version import installed_version

if TYPE_CHECKING:
    from gradguard.analysis.reports import FileAnalysis
    from gradguard.fixes.fix import Fix
    from gradguard.project.suppression import UnusedSuppression
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.text.document import Change
    from gradguard.text.source import SourceFile


class Workspace:
    """All state of a session. Not safe for use by several threads at a time.

    `roots`: the folders that the user works in. `language`: what `language = "auto"` means. `interrupted` is asked now and then
    during analyses; once it is true the one that runs raises `gradguard.interpreter.budget.Interrupted`, and the next goes on.
    """

    def __init__(
        self,
        roots: Sequence[str] = (),
        *,
        language: str = "en",
        analyse: Analyse | None = None,
        interrupted: Callable[[], bool] = never,
    ) -> None:
        self.language = language
        self._files = Files()
        self._roots = tuple(roots)
        self._configurations = Configurations()
        self._analyses = Analyses(self, analyse, interrupted)
        self._listings: dict[str, Listing] = {}
        self._installed: dict[str | None, str | None] = {}
        self._search_paths: dict[str | None, tuple[str, ...]] = {}
        self._resolved: dict[tuple[str, str, int], str | None] = {}
        self.resolution: object = object()
        self._suppressions: dict[str, tuple[SourceFile, Suppressions]] = {}

    # Texts and what changes them.

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders that the user works in."""
        return self._roots

    @property
    def open_paths(self) -> tuple[str, ...]:
        """The open texts, in the order in which they were opened."""
        return self._files.open_paths

    def is_open(self, path: str) -> bool:
        """Whether the text at `path` is open."""
        return self._files.is_open(path)

    def open(self, path: str, text: str, version: int = 0) -> SourceFile:
        """Take over a text from an editor."""
        known = self._files.is_file(path)
        source = self._files.open(path, text, version)
        if known:
            self._analyses.changed(path)
        else:
            self._resolve_again()
        return source

    def change(self, path: str, changes: Sequence[Change], version: int) -> SourceFile:
        """Apply an editor's changes, in order. Raises KeyError if the text is not open."""
        source = self._files.change(path, changes, version)
        self._analyses.changed(path)
        return source

    def close(self, path: str) -> None:
        """Give a text back; the file on disk counts from now on."""
        self._files.close(path)
        self._resolve_again()

    def changed_on_disk(self, path: str) -> None:
        """A file was made, changed or deleted; pyproject.toml files count too."""
        self._files.changed_on_disk(path)
        self._resolve_again()
        if os.path.basename(path) == "pyproject.toml":
            self._configurations.forget()

    def set_roots(self, roots: Sequence[str]) -> None:
        """Replace the folders that the user works in."""
        self._roots = tuple(roots)
        self._configurations.forget()
        self._installed.clear()
        self._search_paths.clear()
        self._resolve_again()

    def set_settings(self, settings: Mapping[str, object], root: str = "") -> None:
        """The editor's settings, for the folder `root` or (with "") for all that have none of their own."""
        self._configurations.set_settings(settings, root)
        self._search_paths.clear()
        self._resolve_again()

    def _resolve_again(self) -> None:
        """Imports may mean other files now, and files may be others."""
        self._resolved.clear()
        self.resolution = object()
        self._analyses.all_may_have_changed()

    # The interpreter's view: `gradguard.interpreter.program.Program`.

    def source(self, path: str) -> SourceFile | None:
        """The text at `path` as it stands; None if there is none or if it cannot be read (see `problem`)."""
        return self._files.source(path)

    def problem(self, path: str) -> str:
        """Why the file at `path` cannot be read; "" if it can."""
        return self._files.problem(path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The path of the file that `importer` means by `module` (with `level` leading dots); None if it is not to be followed.

        That is a file of the workspace, or the source of an installed package that the configuration names in `follow`.
        """
        key = (os.path.dirname(importer), module, level)
        if key not in self._resolved:
            if not os.path.isabs(importer):
                importer = os.path.join(self._roots[0] if self._roots else os.getcwd(), "untitled.py")
            found = resolve(importer, module, level, self._roots, self._files.is_file)
            if found is None and level == 0 and self.configuration(importer).follows(module):
                found = installed_source(module, self._search_path(importer))
            self._resolved[key] = found
        target = self._resolved[key]
        return None if target == importer else target

    # Results.

    def report(self, path: str) -> Report | None:
        """What is known about the text at `path` as it stands; None if there is no such text.

        It is analysed, as far as that was not done before. Findings that running other files brought up in this one are
        among the report's as long as nothing that those runs read has changed.
        """
        source = self.source(path)
        if source is None:
            return None
        configuration = self.configuration(path)
        language = self.language if configuration.language == "auto" else configuration.language
        suppressions = self._suppressions_in(source)
        if self.excludes(path) or suppressions.skip_file:
            return Report(path, source.version, (), (), (), configuration, language)
        known = self._analyses.known(path)
        analysis = self._analyses.of(source, self.torch_version(path))
        texts = _texts(language)
        bearing = tuple(self._analyses.bearing_on(path))
        listing = listed(source, bearing, configuration, texts, self._listings.get(path))
        self._listings[path] = listing
        candidates = listing.findings
        unused: tuple[UnusedSuppression, ...] = ()
        if suppressions.ignores and _is_whole(source, analysis):
            unused = suppressions.unused(source, candidates, configuration, texts)
        return Report(
            path,
            source.version,
            suppressions.apply(candidates),
            self._elsewhere(path, analysis, texts),
            unused,
            configuration,
            language,
            () if known is analysis else analysis.reanalysed,
            analysis,
            listing,
        )

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """The fixes of a finding of the present texts, each tried out; best first.

        They edit the file that the finding stands in, and where need be other files of the workspace that were read for it.
        """
        from gradguard.fixes.offer import fixes_for
        from gradguard.project.trials import Trials

        path = finding.place.path
        if self.source(path) is None:
            return ()
        configuration = self.configuration(path)
        texts = _texts(self.language if configuration.language == "auto" else configuration.language)
        trials = Trials(self, path, tuple(self._analyses.bearing_on(path)), texts)
        return fixes_for(finding, trials, texts, trials.reanalyse)

    def refresh(self, path: str) -> Iterator[Report]:
        """The new reports of other open texts that the last change to `path` bears on, and of `path` if they change it.

        To be called after `report(path)`; each step analyses one file, so that a caller can stop in between.
        """
        touched: set[str] = set()
        for other in self.open_paths:
            if other == path or self._analyses.known(other) is None or self._analyses.holds(other):
                continue
            touched |= self._analyses.placed_in(other)
            report = self.report(other)
            touched |= self._analyses.placed_in(other)
            if report is not None:
                yield report
        touched |= self._analyses.placed_in(path)
        for other in self.open_paths:
            if other in touched:
                report = self.report(other)
                if report is not None:
                    yield report

    def configuration(self, path: str) -> Configuration:
        """What holds for `path`, a file or folder: the nearest pyproject.toml with our table, the editor's settings over it."""
        # An open text is no folder; the disk is not asked at every keystroke.
        folder = path if not self.is_open(path) and os.path.isdir(path) else os.path.dirname(path)
        if not os.path.isabs(folder):
            folder = self._roots[0] if self._roots else os.getcwd()
        return self._configurations.of(folder)

    def configuration_problems(self) -> tuple[Problem, ...]:
        """The mistakes in all configurations looked at so far."""
        return self._configurations.problems()

    def excludes(self, path: str) -> bool:
        """Whether the configuration leaves `path` out."""
        return os.path.isabs(path) and excluded(path, self.configuration(path))

    def python_files(self, folder: str) -> Iterator[str]:
        """The Python files in `folder` and below that nothing leaves out, in order."""
        return python_files(folder, self.configuration)

    def torch_version(self, path: str) -> str | None:
        """The torch that the text at `path` is analysed for: as configured, else as installed; None for the newest known."""
        configured = self.configuration(path).torch_version
        if configured is not None:
            return configured
        key = self._interpreter(path)
        if key not in self._installed:
            self._installed[key] = installed_version(site_packages(key, self._roots))
        return self._installed[key]

    def _interpreter(self, path: str) -> str | None:
        """The Python that the settings name for `path`."""
        interpreter = self._configurations.settings_for(os.path.dirname(path)).get("interpreter")
        if isinstance(interpreter, (list, tuple)):
            interpreter = interpreter[0] if interpreter else None
        return interpreter if isinstance(interpreter, str) else None

    def _search_path(self, path: str) -> tuple[str, ...]:
        """The folders in which the Python of `path` looks for installed packages."""
        key = self._interpreter(path)
        if key not in self._search_paths:
            self._search_paths[key] = tuple(search_path(site_packages(key, self._roots)))
        return self._search_paths[key]

    def analysis_with(self, trials: Mapping[str, SourceFile], path: str) -> FileAnalysis:
        """The analysis of `path` if `trials` took the places of the files of their names."""
        source = trials.get(path) or self.source(path)
        if source is None:
            raise KeyError(path)
        return self._analyses.made(source, _Tried(self, trials), self._analyses.known(path), self.torch_version(path))

    def listing(self, path: str) -> Listing | None:
        """What the last report on the text at `path` was made of."""
        return self._listings.get(path)

    def _elsewhere(self, path: str, analysis: FileAnalysis, texts: Texts) -> tuple[Finding, ...]:
        """What running the file at `path` brought up in other files."""
        kept: list[Finding] = []
        for other in sorted(self._analyses.placed_in(path)):
            source = self.source(other)
            if source is None or self.excludes(other):
                continue
            listing = listed(source, [analysis], self.configuration(other), texts)
            kept.extend(self._suppressions_in(source).apply(listing.findings))
        return tuple(kept)

    def _suppressions_in(self, source: SourceFile) -> Suppressions:
        known = self._suppressions.get(source.path)
        if known is None or known[0] is not source:
            known = (source, suppressions_in(source))
            self._suppressions[source.path] = known
        return known[1]


class _Tried:
    """A program in which some files have other texts."""

    def __init__(self, workspace: Workspace, trials: Mapping[str, SourceFile]) -> None:
        self._workspace = workspace
        self._trials = trials
        self.resolution = workspace.resolution

    def source(self, path: str) -> SourceFile | None:
        """The trial, or the file of the workspace."""
        return self._trials.get(path) or self._workspace.source(path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """As in the workspace."""
        return self._workspace.resolve(importer, module, level)


def _texts(language: str) -> Texts:
    from gradguard.rules.texts import texts_in

    return texts_in(language)


def _holes(source: SourceFile) -> int:
    return sum(len(chunk.holes) for chunk in source.chunks)


def _is_whole(source: SourceFile, analysis: FileAnalysis) -> bool:
    """Whether the analysis saw all of the file: nothing half-typed, no budget spent."""
    return all(report.complete for report in analysis.reports.values()) and not _holes(source)
