"""Source frames line up under tabs, wide characters and long lines."""

from __future__ import annotations

import pytest

from gradguard.cli.frames import WIDEST, Style, framed
from gradguard.cli.width import shown
from gradguard.rules.finding import Finding, Related
from gradguard.rules.texts import texts_in
from gradguard.text.document import split_lines
from gradguard.text.places import Place, Range


@pytest.mark.parametrize(
    ("text", "printed", "columns"),
    [
        ("a\tb", "a   b", [0, 1, 4, 5]),
        ("\tb", "    b", [0, 4, 5]),
        ("中b", "中b", [0, 2, 3]),
        ("e\u0301b", "e\u0301b", [0, 1, 1, 2]),
        ("\x1b[31m", "␛[31m", [0, 1, 2, 3, 4, 5]),
        ("\u202e\ud800", "\ufffd\ufffd", [0, 1, 2]),
    ],
)
def test_what_a_terminal_shows(text: str, printed: str, columns: list[int]) -> None:
    assert shown(text) == (printed, columns)


def frame(text: str, range: Range, *related: Related) -> list[str]:
    finding = Finding("GG201", "leaf-written", "error", Place("a.py", range), "m", related, "", None)  # type: ignore[arg-type]
    return framed(
        finding, lambda _: split_lines(text), lambda path: path, texts_in("en"), Style(colour=False)
    ).splitlines()


def test_marks_stand_under_their_code() -> None:
    assert frame("\t中 = y.add_(1)\n", Range(0, 5, 0, 14)) == [
        "error[GG201]: m",
        " --> a.py:1:6",
        "1 |     中 = y.add_(1)",
        "  |          ^^^^^^^^^",
    ]


def test_a_statement_over_several_lines_is_marked_on_its_first() -> None:
    assert frame("y.add_(\n  1)\n", Range(0, 0, 1, 4))[2:] == ["1 | y.add_(", "  | ^^^^^^^"]


def test_places_of_one_line_and_of_other_files() -> None:
    related = (Related(Place("a.py", Range(0, 0, 0, 1)), "here"), Related(Place("b.py", Range(11, 0, 11, 1)), "there"))
    assert frame("y = z\n" * 12, Range(0, 4, 0, 5), *related) == [
        "error[GG201]: m",
        "  --> a.py:1:5",
        " 1 | y = z",
        "   | - here",
        "   |     ^",
        "  ::: b.py:12:1",
        "12 | y = z",
        "   | - there",
    ]


def test_of_a_long_line_the_part_round_the_mark_is_shown() -> None:
    lines = frame("x" * 5000 + "y" + "z" * 5000, Range(0, 5000, 0, 5001))
    assert len(lines[2]) <= WIDEST + 4
    assert lines[2][lines[3].index("^")] == "y"


def test_a_place_behind_the_end_of_the_file_is_no_crash() -> None:
    assert frame("", Range(7, 3, 7, 9))[1] == " --> a.py:8:4"
