"""The literate runner itself: what it reads, and that a document which says something else than the judges fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.literate import gradguard_side, torch_side
from tests.literate.document import cases_of
from tests.literate.marks import Mark, marks_in, without_marks
from tests.oracle import Oracle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.literate.document import Case

MISTAKE = """\
import torch
w = torch.ones(3, requires_grad=True)
y = w.exp()
y += 1{write}
y.sum().backward(){backward}
"""


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with Oracle() as oracle:
        yield oracle


def case(tmp_path: Path, text: str, *more: str) -> Case:
    """The one case of a document with `text` as its program, and further blocks."""
    document = tmp_path / "document.md"
    document.write_text("\n".join(["# Title", "", "## Case", "", "```python", text.rstrip(), "```", "", *more, ""]))
    (only,) = cases_of(document)
    return only


def test_marks_speak_of_their_line_or_the_next() -> None:
    text = '# error: [GG101] 5 "part"\n\ny += 1  # hint: [GG901]  # raises: some text\nz = "# no: mark"\n'
    assert marks_in(text) == [
        Mark("error", 3, "GG101", 5, "part"),
        Mark("hint", 3, "GG901"),
        Mark("raises", 3, text="some text"),
    ]
    assert without_marks(text) == '\ny += 1\nz = "# no: mark"\n'


@pytest.mark.parametrize("text", ["y += 1  # error: GG101 is here\n", "y += 1\n# error: [GG101]\n"])
def test_a_mark_that_says_nothing_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        marks_in(text)


def test_blocks_are_joined_or_named(tmp_path: Path) -> None:
    blocks = ["`ops.py`:", "", "```python", "x = 1", "```", "", "Then", "", "```python", "import ops", "```"]
    only = case(tmp_path, "import torch", *blocks)
    assert {path: text.text for path, text in only.files.items()} == {
        "main.py": "import torch\nimport ops\n",
        "ops.py": "x = 1\n",
    }
    assert only.main == "main.py"
    assert only.title == "Title / Case"


def test_a_true_document_brings_no_complaint(tmp_path: Path, oracle: Oracle) -> None:
    only = case(tmp_path, MISTAKE.format(write="  # error: [GG101]", backward="  # raises: modified by an inplace"))
    assert torch_side.complaints(only, oracle) == []
    assert gradguard_side.complaints(only) == []


@pytest.mark.parametrize(
    ("write", "backward", "complaint"),
    [
        ("", "", "torch raises RuntimeError"),
        ("  # raises: modified", "", "torch raises RuntimeError"),
        ("", "  # raises: another text", "torch raises RuntimeError"),
    ],
)
def test_torch_disagrees(tmp_path: Path, oracle: Oracle, write: str, backward: str, complaint: str) -> None:
    (only,) = torch_side.complaints(case(tmp_path, MISTAKE.format(write=write, backward=backward)), oracle)
    assert complaint in only


@pytest.mark.parametrize(
    ("mark", "complaint"),
    [
        ("raises: modified", "torch does not raise"),
        ("wrong gradient: w", "torch's gradient of `w` is right"),
    ],
)
def test_torch_runs_where_the_document_says_otherwise(
    tmp_path: Path, oracle: Oracle, mark: str, complaint: str
) -> None:
    text = "import torch\nw = torch.ones(3, requires_grad=True)\nw.exp().sum().backward()"
    (only,) = torch_side.complaints(case(tmp_path, f"{text}  # {mark}"), oracle)
    assert complaint in only


@pytest.mark.parametrize(
    ("mark", "complaint"),
    [
        ("", "not marked: error: [GG101]"),
        ("  # warning: [GG101]", "not reported: warning: [GG101]"),
        ("  # error: [GG102]", "not reported: error: [GG102]"),
        ("  # error: [GG101] 2", "not reported"),
        ('  # error: [GG101] "other words"', "not reported"),
        ("  # missed: [GG101]", "cured"),
        ("  # error: [GG101]  # false: [GG203]", "cured"),
    ],
)
def test_gradguard_disagrees(tmp_path: Path, mark: str, complaint: str) -> None:
    found = gradguard_side.complaints(case(tmp_path, MISTAKE.format(write=mark, backward="")))
    assert any(complaint in each for each in found), found


def test_a_fix_that_is_not_the_offered_one(tmp_path: Path) -> None:
    other = MISTAKE.format(write="", backward="").replace("y += 1", "y = y - -1")
    only = case(tmp_path, MISTAKE.format(write="  # error: [GG101]", backward=""), "```python fixed", other, "```")
    found = gradguard_side.complaints(only)
    assert any("after the fix, line" in each for each in found), found


def test_an_edit_whose_marks_are_wrong(tmp_path: Path) -> None:
    text = MISTAKE.format(write="  # error: [GG101]", backward="")
    edited = text.replace("w.exp()", "w * 2").rstrip()
    only = case(tmp_path, text, "```python edit=1", edited, "```", "", "```reanalysed", "nothing.at_all", "```")
    found = gradguard_side.complaints(only)
    assert any("after edit 1" in each and "not reported" in each for each in found), found
    assert any("what ran again" in each for each in found), found
