"""Which file of the workspace an import statement means, found by looking at names alone; nothing is imported."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

MODELLED = frozenset({"torch"})
"""Packages that the interpreter knows by heart; their own source says less, and takes longer."""

INSTALLED = frozenset({"site-packages", "dist-packages"})


def resolve(importer: str, module: str, level: int, roots: Iterable[str], is_file: Callable[[str], bool]) -> str | None:
    """The path of the file that `importer` means by `module` with `level` leading dots; None if the workspace has none.

    An absolute name is looked up where Python would find it when the importer's package is run or installed: beside the
    topmost package that holds the importer, beside the importer, in each root, and in its `src`. A package answers with
    its `__init__.py`; a folder without one has no file of its own, but modules in it are found. A module may so find itself.
    """
    folder = os.path.dirname(importer)
    parts = module.split(".") if module else []
    if not all(part.isidentifier() for part in parts):
        return None
    if level:
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        if not parts:
            package = os.path.join(folder, "__init__.py")
            return package if is_file(package) else None
        return _module_file(os.path.join(folder, *parts), is_file)
    if not parts:
        return None
    if parts[0] in MODELLED:
        return None
    bases = [_package_root(folder, is_file), folder]
    for root in roots:
        bases += [root, os.path.join(root, "src")]
    for base in dict.fromkeys(bases):
        if os.path.basename(base) in INSTALLED and not folder.startswith(os.path.join(base, parts[0])):
            continue  # one installed package does not follow another
        found = _module_file(os.path.join(base, *parts), is_file)
        if found is not None:
            return found
    return None


def _package_root(folder: str, is_file: Callable[[str], bool]) -> str:
    """The folder that holds the topmost package around `folder`; `folder` itself if it is no package."""
    while is_file(os.path.join(folder, "__init__.py")):
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    return folder


def _module_file(path: str, is_file: Callable[[str], bool]) -> str | None:
    """A package goes before a module of the same name, as in Python."""
    for candidate in (os.path.join(path, "__init__.py"), path + ".py"):
        if is_file(candidate):
            return candidate
    return None
