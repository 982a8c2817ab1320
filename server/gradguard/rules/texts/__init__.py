"""Every sentence that a user reads: one table per language, with the same keys and placeholders in all of them.

A text is a `str.format` template. Values put into it are the user's own expressions or
operator names; the backticks are the text's.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = ("en", "zh-cn")


class Texts(NamedTuple):
    """The texts of one language."""

    language: str
    table: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """The text `key` with its placeholders filled in. Raises KeyError for an unknown key or a missing value."""
        return self.table[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in self.table


def language_of(locale: str) -> str:
    """The language that serves an editor's locale (`zh-CN`, `zh_TW.UTF-8`, `de`): Chinese for `zh…`, else English."""
    return "zh-cn" if locale.lower().startswith("zh") else "en"


def texts_in(locale: str = "en") -> Texts:
    """The texts for a locale; a language's table is imported on first use."""
    return _texts(language_of(locale))


@lru_cache
def _texts(language: str) -> Texts:
    module = import_module(f"gradguard.rules.texts.{language.replace('-', '_')}")
    return Texts(language, module.TEXTS)
