"""The rules' pages: one Markdown file per rule and language, which `docs/rules` of the repository holds.

A built package carries them beside its modules (`gradguard/docs/rules`); in a checkout they are read where they are written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gradguard.rules.codes import RULE_NAMES

_PACKAGE: Final = Path(__file__).parents[1]
_FOLDERS: Final = (_PACKAGE / "docs" / "rules", _PACKAGE.parents[1] / "docs" / "rules")


def page_path(code: str, language: str = "en") -> Path | None:
    """The page of rule `code` (in capitals) in `language`, in English where there is no translation; None if unknown."""
    if code not in RULE_NAMES:
        return None
    names = [f"{code}.md"] if language == "en" else [f"{language}/{code}.md", f"{code}.md"]
    return next((folder / name for folder in _FOLDERS for name in names if (folder / name).is_file()), None)


def page(code: str, language: str = "en") -> str | None:
    """The text of that page."""
    path = page_path(code, language)
    return None if path is None else path.read_text(encoding="utf-8")


def page_uri(code: str, language: str = "en") -> str:
    """A `file:` address of that page, for links in editors; "" if there is none."""
    path = page_path(code, language)
    return "" if path is None else path.resolve().as_uri()
