"""Where the packages of the user's Python lie, told from the file system alone; no program is run and nothing imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ENVIRONMENT_VARIABLES = ("VIRTUAL_ENV", "CONDA_PREFIX")
USUAL_FOLDERS = (".venv", "venv", "env")


def site_packages(
    interpreter: str | None, roots: Iterable[str], environment: Mapping[str, str] = os.environ
) -> Iterator[Path]:
    """The folders for installed packages, the likeliest first.

    `interpreter`: the Python that the user chose, or None. Then come environments in the `roots` of the workspace, and the
    active one.
    """
    prefixes: list[Path] = []
    if interpreter:
        prefixes.append(Path(interpreter).absolute().parent.parent)
    prefixes += [Path(root, folder) for root in roots for folder in USUAL_FOLDERS]
    prefixes += [Path(environment[name]) for name in ENVIRONMENT_VARIABLES if environment.get(name)]
    for prefix in dict.fromkeys(prefixes):
        yield from sorted(prefix.glob("lib/python3*/site-packages"), reverse=True)
        yield from prefix.glob("Lib/site-packages")
