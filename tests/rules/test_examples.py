"""The programs of `examples/` do, under torch and in gradguard, what their comments say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fixes.offers import results, trial
from tests.literate import gradguard_side, torch_side
from tests.literate.document import MAIN, Case, Text
from tests.oracle import Oracle

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
ARTICLE = {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES if path.stem.startswith(("article", "exp"))}


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with Oracle() as torch:
        yield torch


def case_of(path: Path) -> Case:
    text = Text()
    text.extend(path.read_text(encoding="utf-8").split("\n"), 1)
    return Case(path.stem, 1, {MAIN: text})


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_does_what_it_says(path: Path, oracle: Oracle) -> None:
    case = case_of(path)
    assert torch_side.complaints(case, oracle) == []
    assert gradguard_side.complaints(case) == []


def test_the_articles_example_and_its_remedies_are_safe() -> None:
    for name, text in ARTICLE.items():
        if name.startswith("article"):
            assert [each.severity for each in trial(text).findings if each.severity != "hint"] == [], name


def test_the_articles_remedies_are_one_click_away() -> None:
    def code(text: str) -> str:
        return text.partition('"""\n\n')[2]

    made = {code(text) for text in results(ARTICLE["article"], "GG901").values()}
    assert code(ARTICLE["article_intermediate_variable"]) in made
    assert code(ARTICLE["article_no_grad"]) in made
    assert code(ARTICLE["article"]).replace("y += 1", "y = y + 1") in made
