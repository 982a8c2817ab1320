"""The configurations of all folders of a session, each read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from gradguard.project.configuration import Configuration, Problem, with_pyproject, with_settings


class Configurations:
    """Finds what holds for a folder: the nearest pyproject.toml that speaks of us, the editor's settings over it."""

    def __init__(self) -> None:
        self._settings: dict[str, Mapping[str, object]] = {}
        self._by_folder: dict[str, Configuration] = {}

    def forget(self) -> None:
        """Read the files again when they are asked for."""
        self._by_folder.clear()

    def set_settings(self, settings: Mapping[str, object], root: str) -> None:
        """The editor's settings for the folder `root`, or (with "") for all that have none of their own."""
        self._settings[root] = settings
        self.forget()

    def of(self, folder: str) -> Configuration:
        """What holds in `folder`, an absolute name."""
        known = self._by_folder.get(folder)
        if known is None:
            known = with_settings(_pyproject(folder), self.settings_for(folder))
            self._by_folder[folder] = known
        return known

    def problems(self) -> tuple[Problem, ...]:
        """The mistakes in all that was read so far."""
        return tuple({problem: None for each in self._by_folder.values() for problem in each.problems})

    def settings_for(self, folder: str) -> Mapping[str, object]:
        """The editor's settings as they came, of the innermost root that holds `folder`."""
        inside = folder + os.sep
        holders = [root for root in self._settings if root and inside.startswith(root.rstrip(os.sep) + os.sep)]
        return self._settings.get(max(holders, key=len, default=""), {})


def _pyproject(folder: str) -> Configuration:
    base = Configuration(root=folder)
    above = folder
    while True:
        path = os.path.join(above, "pyproject.toml")
        if os.path.isfile(path):
            try:
                with open(path, encoding="utf-8-sig", newline="") as file:
                    found = with_pyproject(base, path, above, file.read())
            except (OSError, ValueError) as error:
                found = replace(base, problems=(Problem(f"{path} cannot be read: {error}"),))
            if found is not None:
                return found
        parent = os.path.dirname(above)
        if parent == above:
            return base
        above = parent
