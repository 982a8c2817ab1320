"""Comments that silence findings, and comments that silence nothing."""

from __future__ import annotations

import pytest

from gradguard.fixes.fix import applied
from gradguard.project.workspace import Workspace

HAZARD = """\
import torch

w = torch.ones(3, requires_grad=True)
y = w.exp()
y.add_({first}
    1,{second}
){third}
y.sum().backward()
"""


def outcome(text: str) -> tuple[list[str], list[str]]:
    """The codes found, and what is said about unused suppressions."""
    workspace = Workspace()
    workspace.open("a", text)
    report = workspace.report("a")
    assert report is not None
    return [finding.code for finding in report.findings], [unused.message for unused in report.unused]


def hazard(first: str = "", second: str = "", third: str = "") -> str:
    return HAZARD.format(first=first, second=second, third=third)


@pytest.mark.parametrize("place", ["first", "second", "third"])
@pytest.mark.parametrize(
    "comment", ["# gradguard: ignore", "#gradguard:ignore[GG101]", "# why # gradguard: ignore[GG501, GG1]  # because"]
)
def test_on_any_line_of_the_statement(place: str, comment: str) -> None:
    found, unused = outcome(hazard(**{place: "  " + comment}))
    assert found == []
    assert unused == (["`GG501` silences nothing here"] if "GG501" in comment else [])


@pytest.mark.parametrize(
    "comment",
    [
        "# gradguard: ignore[GG102]",
        "# gradguard: ignored",
        "# gradguard ignore",
        '"gradguard: ignore"',
        "# gradguard: ignore[]",
    ],
)
def test_other_comments_silence_nothing(comment: str) -> None:
    text = hazard(second="  " + comment) if comment.startswith("#") else hazard() + f"{comment}\n"
    assert outcome(text)[0] == ["GG101"]


def test_a_string_is_no_comment() -> None:
    assert outcome(hazard().replace("    1,", '    1, alpha=len("""# gradguard: ignore\n"""),'))[0] == ["GG101"]


def test_another_line_is_not_covered() -> None:
    found, unused = outcome("# gradguard: ignore\n" + hazard() + "x = 1  # gradguard: ignore\n")
    assert found == ["GG101"]
    assert unused == ["this comment silences nothing"] * 2


def test_a_compound_statement_is_covered_by_its_header_only() -> None:
    text = hazard().replace("y.add_(\n    1,\n)", "for _ in range(2):  # gradguard: ignore\n    y.add_(1)")
    found, _ = outcome(text)
    assert found == ["GG101"]


@pytest.mark.parametrize("at_end", [True, False])
def test_skip_file(at_end: bool) -> None:
    mark = "# gradguard: skip-file\n"
    assert outcome(hazard() + mark if at_end else mark + hazard()) == ([], [])


def test_an_unused_comment_is_not_reported_while_the_file_is_half_typed() -> None:
    assert outcome("x = 1  # gradguard: ignore\ny = (\n")[1] == []


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("x = 1  # gradguard: ignore\n", "x = 1\n"),
        ("# gradguard: ignore\nx = 1\n", "x = 1\n"),
        ("x = 1  # gradguard: ignore[GG101]", "x = 1"),
        ("x = 1  # gradguard: ignore # kept\n", "x = 1 # kept\n"),
    ],
)
def test_an_unused_comment_can_be_removed(line: str, fixed: str) -> None:
    workspace = Workspace()
    workspace.open("a", line)
    report = workspace.report("a")
    assert report is not None
    (unused,) = report.unused
    assert applied(line, unused.fix.edits) == fixed


def test_one_code_of_several_can_be_removed() -> None:
    text = hazard(third="  # gradguard: ignore[GG201,GG101]")
    workspace = Workspace()
    workspace.open("a", text)
    report = workspace.report("a")
    assert report is not None
    (unused,) = report.unused
    assert applied(text, unused.fix.edits) == hazard(third="  # gradguard: ignore[GG101]")
    assert workspace.source("a").document.text_in(unused.place.range) == "GG201"  # type: ignore[union-attr]


def test_codes_that_are_switched_off_are_not_judged() -> None:
    workspace = Workspace()
    workspace.set_settings({"ignore": ["GG2"]})
    workspace.open("a", hazard(third="  # gradguard: ignore[GG201,GG101]"))
    report = workspace.report("a")
    assert report is not None
    assert report.unused == ()
