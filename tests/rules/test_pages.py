"""The rules' pages: every example does under torch and in gradguard what the page says, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.literate import gradguard_side, torch_side
from tests.literate.document import Case, cases_of
from tests.oracle import Oracle

from gradguard.explain.pages import page, page_path, page_uri
from gradguard.rules.codes import RULE_NAMES

LINK = re.compile(r"\]\(([^)]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with Oracle() as torch:
        yield torch


@pytest.mark.parametrize("code", RULE_NAMES)
def test_examples_do_what_the_page_says(code: str, oracle: Oracle) -> None:
    path = page_path(code)
    assert path is not None
    cases = cases_of(path)
    assert cases
    # "Use instead" is good code, and not always what the first quick fix writes.
    instead = [Case(case.title, case.line, case.fixed) for case in cases if case.fixed]
    for case in (*(replace(each, fixed={}) for each in cases), *instead):
        assert torch_side.complaints(case, oracle) == []
        assert gradguard_side.complaints(case) == []


@pytest.mark.parametrize("code", RULE_NAMES)
def test_the_chinese_page_has_the_same_code_and_sections(code: str) -> None:
    english, chinese = page(code), page(code, "zh-cn")
    assert english is not None
    assert chinese is not None
    assert CODE.findall(chinese) == CODE.findall(english)
    assert len(re.findall("^## ", chinese, re.MULTILINE)) == len(re.findall("^## ", english, re.MULTILINE))
    assert chinese.splitlines()[0] == english.splitlines()[0] == f"# {RULE_NAMES[code]} ({code})"
    for section in re.split("^## ", CODE.sub("", chinese), flags=re.MULTILINE)[1:]:
        assert re.search(r"[\u4e00-\u9fff]", section)


@pytest.mark.parametrize("language", ["en", "zh-cn"])
@pytest.mark.parametrize("code", RULE_NAMES)
def test_links_lead_to_pages(code: str, language: str) -> None:
    path = page_path(code, language)
    assert path is not None
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / link).is_file(), link


def test_unknown_codes_have_no_page() -> None:
    assert page("GG999") is None
    assert page_path("../README") is None
    assert page_uri("GG999") == ""


def test_a_language_without_translation_gets_the_english_page() -> None:
    assert page_path("GG101", "fr") == page_path("GG101")


def test_pages_are_addressed_by_uri() -> None:
    assert page_uri("GG101").startswith("file:///")
    assert Path(page_uri("GG101", "zh-cn")).parent.name == "zh-cn"
