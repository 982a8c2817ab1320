"""Which torch a project runs on, and which facts serve it, without importing torch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_METADATA = re.compile(r"torch-(\d+(?:\.\d+)*)[^-]*\.dist-info", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+")


def installed_version(site_packages: Iterable[Path]) -> str | None:
    """The version in the name of the first `torch-*.dist-info` folder (`2.13.0` for `2.13.0+cpu`), or None.

    Folders that do not exist or cannot be read are passed over.
    """
    for folder in site_packages:
        try:
            names = sorted(entry.name for entry in folder.iterdir())
        except OSError:
            continue
        for name in names:
            match = _METADATA.fullmatch(name)
            if match is not None:
                return match.group(1)
    return None


def nearest_version(wanted: str | None, known: Iterable[str]) -> str:
    """The newest of `known` (`2.13`) that is not newer than `wanted` (`2.13.1`).

    The oldest if all are newer; the newest if `wanted` is None.
    Raises ValueError if nothing is known.
    """
    ordered = sorted(known, key=_parts)
    if not ordered:
        raise ValueError("no torch version is known")
    if wanted is None or not _parts(wanted):
        return ordered[-1]
    older = [version for version in ordered if _parts(version) <= _parts(wanted)]
    return older[-1] if older else ordered[0]


def _parts(version: str) -> tuple[int, ...]:
    """Major and minor release: patch releases share their facts."""
    return tuple(int(number) for number in _NUMBERS.findall(version.partition("+")[0])[:2])
