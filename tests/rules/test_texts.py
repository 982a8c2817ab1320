"""Both languages say everything, with the same values in it; every rule has its texts, its page and its cases."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from gradguard.rules.codes import RULE_NAMES
from gradguard.rules.texts import LANGUAGES, language_of, texts_in

REPOSITORY = Path(__file__).parents[2]
SOURCES = [
    *(REPOSITORY / "server/gradguard/rules").glob("*.py"),
    *(REPOSITORY / "server/gradguard/explain").glob("*.py"),
]
SOURCES += (REPOSITORY / "server/gradguard/fixes").glob("*.py")


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    english, other = texts_in("en").table, texts_in(language).table
    assert set(other) == set(english)
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }


def test_every_key_used_in_the_sources_exists() -> None:
    table = texts_in("en").table
    used = {key for source in SOURCES for key in re.findall(r'say\(\s*"([^"]+)"', source.read_text(encoding="utf-8"))}
    assert used, "the pattern finds no key at all"
    assert used <= set(table)


def test_messages_are_matter_of_fact() -> None:
    for key, text in texts_in("en").table.items():
        if ".message" in key or key.startswith("related."):
            assert not re.search(r"\b(may|might|possibly|please)\b", text), key
            assert not text.endswith("."), key
            assert "\n" not in text, key
            assert text[0] in "`{" or text[0].islower() or text.startswith("in-place"), key


def test_chinese_texts_are_chinese() -> None:
    english = texts_in("en").table
    for key, text in texts_in("zh-cn").table.items():
        if re.search("[a-z]", re.sub(r"`[^`]*`|\{[^}]*\}", "", english[key])):
            assert re.search(r"[\u4e00-\u9fff]", re.sub(r"`[^`]*`", "", text)), key


def test_locales_choose_a_language() -> None:
    assert [language_of(locale) for locale in ("zh-CN", "zh_TW.UTF-8", "en-US", "de", "")] == [
        "zh-cn", "zh-cn", "en", "en", "en",
    ]  # fmt: skip


@pytest.mark.parametrize("code", RULE_NAMES)
def test_every_rule_has_help_and_a_message(code: str) -> None:
    table = texts_in("en").table
    assert f"{code}.help" in table
    assert any(key.startswith(f"{code}.message") for key in table)


@pytest.mark.parametrize("code", RULE_NAMES)
def test_every_rule_has_a_module_and_cases(code: str) -> None:
    stem = f"{code.lower()}_{RULE_NAMES[code].replace('-', '_')}"
    assert (REPOSITORY / "server/gradguard/rules" / f"{stem}.py").is_file()
    assert (REPOSITORY / "tests/rules" / f"{stem}.md").is_file()
