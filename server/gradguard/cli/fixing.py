"""`gradguard check --fix` and `--diff`: applies fixes until none is left, in memory; then writes or shows the outcome."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff

from gradguard.cli.checking import name_of, workspace_for
from gradguard.cli.outcome import Json, counted
from gradguard.cli.writing import FileText, read, write_together
from gradguard.fixes.files import texts_after
from gradguard.fixes.fix import Fix
from gradguard.project.workspace import Workspace
from gradguard.rules.texts import texts_in
from gradguard.text.document import split_lines
from gradguard.text.source import SourceFile

MOST_ROUNDS = 100
"""Fixes applied to one file; each is followed by a new analysis."""


def fix_files(
    files: Iterable[str], names: Sequence[tuple[str, str]], settings: Json, language: str, *, unsafe: bool, diff: bool
) -> tuple[list[str], bool]:
    """Fix `files` in place, or with `diff` print what would change. Returns what went wrong, and whether anything changes.

    No other file is touched: a fix that needs one is left out.
    """
    fixing = _Fixing(workspace_for(settings, language), files, unsafe=unsafe)
    fixing.run()
    problems: list[str] = []
    changed = [file for group in fixing.groups() for file in group]
    if diff:
        for file in changed:
            sys.stdout.writelines(_difference(file.old, file.new, name_of(file.path, names)))
    else:
        for group in fixing.groups():
            problem = write_together(group)
            problems += [f"{name_of(file.path, names)}: {problem}" for file in group if problem]
    key = "cli.would_fix" if diff else "cli.fixed"
    texts = texts_in(language)
    said = texts.say(key, fixes=counted(texts, "fixes", fixing.count), files=counted(texts, "files", len(changed)))
    print(said, file=sys.stderr)
    return problems, bool(changed)


def is_suppression(fix: Fix) -> bool:
    """Whether a fix only silences the finding; no machine applies such a one."""
    return any("gradguard: ignore" in edit.new_text for edit in fix.edits)


class _Fixing:
    """The files of one run: as they lie on disk, and as the fixes leave them."""

    def __init__(self, workspace: Workspace, paths: Iterable[str], *, unsafe: bool) -> None:
        self.count = 0
        self._workspace = workspace
        self._given = dict.fromkeys(paths)
        self._unsafe = unsafe
        self._files: dict[str, FileText] = {}
        self._groups: dict[str, list[str]] = {}  # the paths that fixes tie to each path, shared between them

    @property
    def paths(self) -> Sequence[str]:
        """The files that may be edited."""
        return tuple(self._given)

    def run(self) -> None:
        """Apply fixes until none is left."""
        for path in self._given:
            if self._taken(path) is not None:
                self._fix(path)

    def source(self, path: str) -> SourceFile | None:
        """The text as the fixes so far leave it; None for a file that is not to be edited."""
        return self._workspace.source(path) if self._taken(path) is not None else None

    def groups(self) -> Iterator[list[FileText]]:
        """The files that have changed; those that one fix changed are written together."""
        seen: set[str] = set()
        for path in self._files:
            if path not in seen:
                group = self._groups.get(path, [path])
                seen.update(group)
                changed = [self._files[each] for each in group if self._files[each].new != self._files[each].old]
                if changed:
                    yield changed

    def _fix(self, path: str) -> None:
        seen = {frozenset({(path, self._files[path].new)})}
        for _ in range(MOST_ROUNDS):
            for fix in self._applicable(path):
                after = texts_after(self, fix.edits)
                if after is not None and frozenset(after.items()) not in seen:
                    break
            else:
                return
            seen.add(frozenset(after.items()))
            self._apply(after)

    def _apply(self, texts: Mapping[str, str]) -> None:
        self.count += 1
        together = list(dict.fromkeys(each for path in texts for each in self._groups.get(path, [path])))
        self._groups.update(dict.fromkeys(together, together))
        for path, text in texts.items():
            self._files[path].new = text
            self._workspace.open(path, text)

    def _applicable(self, path: str) -> Iterator[Fix]:
        """For each finding in the file its best fix that the user allows."""
        report = self._workspace.report(path)
        if report is None:
            return
        for finding in report.findings:
            if finding.severity == "hint":
                continue
            fixes = self._workspace.fixes(finding)
            safe = [fix for fix in fixes if fix.grade == "safe" and fix.preferred]
            allowed = (
                [fix for fix in fixes if fix.grade in ("safe", "unsafe") and not is_suppression(fix)]
                if self._unsafe
                else []
            )
            yield from (safe or allowed)[:1]
        for unused in report.unused:
            yield unused.fix

    def _taken(self, path: str) -> FileText | None:
        """The file at `path`, opened in the workspace; None if it was not given or cannot be read as text."""
        if path not in self._files and path in self._given:
            file = read(path)
            if file is not None:
                self._files[path] = file
                self._workspace.open(path, file.old)
        return self._files.get(path)


def _difference(before: str, after: str, name: str) -> Iterator[str]:
    """The change as `patch` and `git apply` read it."""
    old, new = ([line for line in split_lines(text) if line] for text in (before, after))
    for line in unified_diff(old, new, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
