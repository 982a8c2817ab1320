"""Installed packages: where their source lies, found as Python would find it, with nothing run and nothing imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path


def installed_source(module: str, folders: Sequence[str]) -> str | None:
    """The Python file of the dotted name `module` in `folders`, the likeliest first.

    None if it is not installed there, or not as plain source: a compiled module, or a package without an `__init__.py`.
    """
    spec: ModuleSpec | None = None
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        places = folders if spec is None else spec.submodule_search_locations
        if places is None:
            return None
        spec = PathFinder.find_spec(".".join(parts[:depth]), list(places))
        if spec is None:
            return None
    origin = None if spec is None else spec.origin
    return origin if origin is not None and origin.endswith(".py") else None


def search_path(site_packages: Iterable[Path]) -> Iterator[str]:
    """The folders in which Python looks for packages: `site_packages`, and those that the `.pth` files there name.

    A `.pth` file names folders, one a line, as editable installs leave them; lines of code in it are passed over.
    """
    for folder in site_packages:
        yield str(folder)
        for file in sorted(folder.glob("*.pth")):
            try:
                lines = file.read_text("utf-8").splitlines()
            except (OSError, ValueError):
                continue
            for line in lines:
                named = os.path.normpath(os.path.join(folder, line.strip()))
                if line.strip() and not line.startswith(("#", "import ", "import\t")) and os.path.isdir(named):
                    yield named
