"""Hover texts: the story, the verdict, the remedies and the cautions, at every place they belong to, on one screen."""

from __future__ import annotations

import pytest
from tests.fixes.offers import Project

from gradguard.analysis.files import analyse_file
from gradguard.explain.hover import Hover, hover_at
from gradguard.rules.registry import findings
from gradguard.rules.texts import LANGUAGES, texts_in
from gradguard.text.source import SourceFile

ONE_SCREEN = 30
EXP = """\
import torch

w = torch.ones(3, requires_grad=True)
y = w.exp()
y += 1
y.sum().backward()
"""


def hover(text: str, words: str, language: str = "en") -> Hover | None:
    """The hover at the first place where `words` stand in `text`."""
    source, texts = SourceFile("main.py", text), texts_in(language)
    analysis = analyse_file(source, Project({"main.py": text}))
    at = text.index(words)
    line, column = text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)
    return hover_at("main.py", line, column, findings(analysis, texts), analysis.writes, texts, source)


def markdown(text: str, words: str, language: str = "en") -> str:
    found = hover(text, words, language)
    assert found is not None
    return found.markdown


def test_the_write_tells_the_whole_story_in_order() -> None:
    text = markdown(EXP, "y += 1")
    steps = [
        "1. line 4: `w.exp()`",
        "`grad * result`",
        "saved at version 0",
        "2. line 5: `y += 1`",
        "now 1",
        "3. line 6",
    ]
    places = [text.index(step) for step in steps]
    assert places == sorted(places)
    assert "needs version 0" in text
    assert "write out of place" in text
    assert "torch.no_grad()" in text
    assert "GG101" in text
    assert "GG101.md" in text


@pytest.mark.parametrize("words", ["w.exp()", "y.sum().backward()"])
def test_save_and_backward_tell_the_same_story(words: str) -> None:
    assert markdown(EXP, words) == markdown(EXP, "y += 1")


def test_a_backward_that_needs_several_tensors_names_them_all() -> None:
    text = EXP.replace("y += 1", "y += 1\nz = w.tanh()\nz *= 2").replace("y.sum()", "(y + z).sum()")
    story = markdown(text, "(y + z).sum().backward()")
    assert "`y` is overwritten" in story
    assert "Here too: GG101 in line 7: `z` is overwritten" in story


def test_elsewhere_there_is_nothing_to_say() -> None:
    assert hover(EXP, "import torch") is None
    assert hover(EXP, "w = ") is None


def test_no_grad_round_a_saved_tensor_is_said_not_to_help() -> None:
    text = EXP.replace("y += 1", "with torch.no_grad():\n    y += 1")
    assert "does not help here" in markdown(text, "y += 1")
    assert "does not help here" not in markdown(EXP, "y += 1")


def test_a_safe_write_says_why_and_what_would_make_it_raise() -> None:
    text = markdown(EXP.replace("w.exp()", "w * 2"), "y += 1")
    assert "safe as the code stands" in text
    assert "Nothing saved `y`" in text
    assert "`mul`" in text
    assert "`exp`" in text
    assert "out of place" in text
    assert "`inplace=True`" in text


def test_plain_data_is_not_tracked() -> None:
    assert "does not track" in markdown("import torch\nx = torch.ones(3)\nx += 1\n", "x += 1")


def test_silent_mistakes_are_said_to_be_silent() -> None:
    text = markdown(EXP.replace("y += 1", "y.data += 1"), "y.data += 1")
    assert "raises nothing" in text
    assert "version counter does not see it" in text


def test_a_refused_write_has_no_version() -> None:
    text = markdown("import torch\nw = torch.ones(3, requires_grad=True)\nw += 1\n", "w += 1")
    assert "makes the leaf" in text
    assert "version counter is now" not in text


def test_a_flag_says_where_its_modules_write() -> None:
    text = "import torch\nfrom torch import nn\nact = nn.ReLU(inplace=True)\ny = act(torch.ones(3, requires_grad=True) * 2)\n"
    assert "overwrites its input" in markdown(text, "inplace=True")
    assert "line 4" in markdown(text, "inplace=True")


def test_code_that_no_run_reaches_is_not_guessed_about() -> None:
    text = "import torch\n\nif False:\n    torch.ones(3).add_(1)\n"
    assert "says nothing" in markdown(text, "torch.ones(3).add_")
    assert hover("x = 1\nx += 1\n", "x += 1") is None


def test_broken_code_has_no_hover() -> None:
    assert hover("x = (1\nx.add_(1\n", "x.add_") is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", [EXP, EXP.replace("w.exp()", "w * 2"), EXP.replace("y += 1", "y.data += 1")])
def test_a_hover_is_one_screen(text: str, language: str) -> None:
    for words in ("y += 1", "y.data += 1"):
        if words in text:
            assert len(markdown(text, words, language).splitlines()) <= ONE_SCREEN


def test_chinese_hovers_are_chinese() -> None:
    text = markdown(EXP, "y += 1", "zh-cn")
    assert "原地改写" in text
    assert "版本" in text
    assert "What helps" not in text
    assert "zh-cn/GG101.md" in text


@pytest.mark.parametrize(
    ("write", "advice"),
    [
        ("y += 1", "`y = y + …`"),
        ("y.clamp_(min=0)", "`y = y.clamp(…)`"),
        ("y.relu_()", "`y = y.relu()`"),
        ("y[0] = 1", "`y = y.clone()`"),
        ("y[0] += 1", "`y = y.clone()`"),
    ],
)
@pytest.mark.parametrize("before", ["w.exp()", "w * 2"])
def test_the_first_remedy_speaks_of_the_line_at_hand(before: str, write: str, advice: str) -> None:
    assert advice in markdown(EXP.replace("w.exp()", before).replace("y += 1", write), write)


def test_an_update_under_no_grad_is_not_to_be_rewritten() -> None:
    text = markdown(EXP + "with torch.no_grad():\n    w -= 0.1\n", "w -= 0.1")
    assert "safe as the code stands" in text
    assert "w = w" not in text


@pytest.mark.parametrize(("language", "word"), [("en", "if its result is backpropagated"), ("zh-cn", "结果被反向传播")])
def test_an_assumed_backward_is_said_to_be_assumed(language: str, word: str) -> None:
    layer = (
        "from torch import nn\n\n\nclass Layer(nn.Module):\n    def forward(self, x):\n"
        "        y = x.exp()\n        y += 1\n        return y\n"
    )
    text = markdown(layer, "y += 1", language)
    assert "`forward`" in text
    assert word in text
