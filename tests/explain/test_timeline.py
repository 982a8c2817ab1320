"""The picture of the tape: which events it shows, for which function, and that it can be shown anywhere."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gradguard.cli.main import main
from gradguard.explain.drawing import drawn
from gradguard.explain.timeline import Timeline, timeline_at
from gradguard.project.workspace import Workspace
from gradguard.rules.texts import LANGUAGES, texts_in

SVG = "{http://www.w3.org/2000/svg}"

BROKEN = """import torch

x = torch.ones(3, requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
"""

TWO_FUNCTIONS = """import torch


def broken(x: torch.Tensor):
    a = x.exp()
    a += 1
    return a


def safe(x: torch.Tensor):
    b = x * 2
    b += 1
    return b
"""


def timeline(text: str, line: int, language: str = "en") -> Timeline | None:
    workspace = Workspace(language=language)
    workspace.open("/timeline.py", text)
    report, source = workspace.report("/timeline.py"), workspace.source("/timeline.py")
    assert report is not None
    assert source is not None
    return timeline_at(source, line, report.findings, report.writes, texts_in(language))


def events(shown: Timeline | None) -> dict[str, list[tuple[str, int, int, bool]]]:
    """By lane: kind, line, version, and whether it is at odds with the others."""
    assert shown is not None
    return {
        lane.name: [(mark.kind, mark.line, mark.version, mark.broken) for mark in lane.marks] for lane in shown.lanes
    }


def test_a_hazard_shows_its_save_its_write_and_its_need() -> None:
    assert events(timeline(BROKEN, 0)) == {
        "y": [("save", 3, 0, True), ("write", 4, 1, True), ("need", 5, 0, True)],
    }


def test_an_assumed_backward_comes_after_the_function() -> None:
    (marks,) = events(timeline(TWO_FUNCTIONS.replace("def broken(", "def forward("), 4)).values()
    assert [(kind, line) for kind, line, _, _ in marks] == [("save", 4), ("write", 5), ("need", 6)]


def test_a_chain_of_writes_is_one_lane() -> None:
    shown = timeline(BROKEN.replace("y += 1", "y.mul_(2).add_(1)"), 0)
    assert [(kind, version) for kind, _, version, _ in events(shown)["y"]] == [
        ("save", 0),
        ("write", 1),
        ("write", 2),
        ("need", 0),
    ]
    assert len(events(shown)) == 1


def test_lines_lose_the_indentation_that_they_share() -> None:
    shown = timeline(TWO_FUNCTIONS, 11)
    assert shown is not None
    assert [text for _, text in shown.rows] == ["b += 1"]


def test_a_safe_write_is_not_at_odds() -> None:
    assert events(timeline(BROKEN.replace("x.exp()", "x * 2"), 0)) == {"y": [("write", 4, 1, False)]}


def test_the_function_at_the_cursor_is_shown_alone() -> None:
    broken, safe = timeline(TWO_FUNCTIONS, 4), timeline(TWO_FUNCTIONS, 11)
    assert list(events(broken)) == ["a"]
    assert list(events(safe)) == ["b"]
    assert broken is not None
    assert "`broken`" in broken.title


def test_nothing_is_drawn_where_nothing_is_written() -> None:
    assert timeline(TWO_FUNCTIONS, 0) is None
    assert timeline("", 0) is None
    assert timeline("y = (\n", 7) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_well_formed_and_its_marks_lead_to_the_source(language: str) -> None:
    shown = timeline(BROKEN.replace("y", "å"), 0, language)
    assert shown is not None
    root = ET.fromstring(drawn(shown, lambda place: {"line": place.range.start_line}))
    assert [mark.get("data-line") for mark in root.iter(f"{SVG}g")] == ["3", "4", "5"]
    assert not list(root.iter(f"{SVG}script"))


def test_text_of_the_program_cannot_become_markup() -> None:
    shown = timeline(BROKEN.replace("y += 1", 'y += 1  # <script>&"'), 0)
    assert shown is not None
    root = ET.fromstring(drawn(shown, lambda place: {}))
    assert 'y += 1  # <script>&"' in [element.text for element in root.iter(f"{SVG}text")]


def test_the_command_line_writes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, picture = tmp_path / "program.py", tmp_path / "out.svg"
    program.write_text(BROKEN, encoding="utf-8")
    assert main(["timeline", f"{program}:5", "-o", str(picture)]) == 0
    assert ET.parse(picture).getroot().tag == f"{SVG}svg"
    program.write_text("import torch\n", encoding="utf-8")
    assert main(["timeline", f"{program}:1"]) == 2
    assert "nothing is written in place" in capsys.readouterr().err
    assert main(["timeline", f"{tmp_path / 'absent.py'}:1"]) == 2
