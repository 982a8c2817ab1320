"""Which Python files a folder holds, as a person would count them: without what .gitignore or the configuration leaves out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from gradguard.project.configuration import Configuration

NEVER_ENTERED = frozenset(
    (
        ".bzr .direnv .eggs .git .hg .ipynb_checkpoints .mypy_cache .nox .pants.d .pyenv .pytest_cache .pytype .ruff_cache .svn .tox "
        ".venv .vscode __pycache__ __pypackages__ _build buck-out dist node_modules site-packages venv"
    ).split()
)


class IgnoreRules:
    """The .gitignore files that bear on a folder, outermost first, as (folder, patterns)."""

    def __init__(self, layers: tuple[tuple[str, GitIgnoreSpec], ...] = ()) -> None:
        self.layers = layers

    @classmethod
    def above(cls, folder: str) -> IgnoreRules:
        """Those of the parents of `folder`, up to the root of its repository; none if it is in no repository."""
        parents = []
        parent = folder
        while not os.path.exists(os.path.join(parent, ".git")):
            above = os.path.dirname(parent)
            if above == parent:
                return cls()
            parent = above
            parents.append(parent)
        rules = cls()
        for each in reversed(parents):
            rules = rules.within(each)
        return rules

    def within(self, folder: str) -> IgnoreRules:
        """These rules and those of the .gitignore in `folder`."""
        try:
            with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        except OSError:
            return self
        return IgnoreRules((*self.layers, (folder, patterns_of(lines))))

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether `path` is left out: the innermost .gitignore that mentions it decides."""
        for folder, spec in reversed(self.layers):
            relative = os.path.relpath(path, folder).replace(os.sep, "/")
            decision = spec.check_file(relative + "/" if is_folder else relative).include
            if decision is not None:
                return decision
        return False


def patterns_of(lines: list[str]) -> GitIgnoreSpec:
    """Patterns as in .gitignore; a line that is no pattern is passed over."""
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        good = []
        for line in lines:
            try:
                GitIgnoreSpec.from_lines([line])
            except ValueError:
                continue
            good.append(line)
        return GitIgnoreSpec.from_lines(good)


def excluded(path: str, configuration: Configuration, *, is_folder: bool = False) -> bool:
    """Whether the configuration excludes the file or folder at `path`, by itself or with a folder it lies in."""
    if not configuration.exclude:
        return False
    relative = os.path.relpath(path, configuration.root or os.getcwd()).replace(os.sep, "/")
    if relative.startswith("../"):
        return False
    return patterns_of(list(configuration.exclude)).match_file(relative + "/" if is_folder else relative)


def python_files(folder: str, configuration_for: Callable[[str], Configuration]) -> Iterator[str]:
    """The .py files in `folder` and below, in order of path; folders that cannot be read are passed over."""
    folder = os.path.abspath(folder)
    pending = [(folder, IgnoreRules.above(folder))]
    while pending:
        here, rules = pending.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        rules = rules.within(here)
        configuration = configuration_for(here)
        folders = []
        for entry in entries:
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                is_file = not is_folder and entry.name.endswith(".py") and entry.is_file()
            except OSError:
                continue
            if is_folder and entry.name in NEVER_ENTERED:
                continue
            if not (is_folder or is_file) or rules.ignores(entry.path, is_folder):
                continue
            if excluded(entry.path, configuration, is_folder=is_folder):
                continue
            if is_folder:
                folders.append((entry.path, rules))
            else:
                yield entry.path
        pending.extend(reversed(folders))
