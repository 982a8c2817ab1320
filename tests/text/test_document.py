"""Documents have LSP's line ends only, and edits cost what they touch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradguard.text.document import Change, Document, Encoding, split_lines
from gradguard.text.places import Range

ODD_TEXT = st.text(alphabet=st.sampled_from(list("ab(\"'# \t\f\x1c\x85\u2028\n\r\né中😀\u0301\ufeff\0")), max_size=40)
ENCODINGS = st.sampled_from(["utf-8", "utf-16", "utf-32"])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc\n", ["a\r\n", "b\r", "c\n", ""]),
        ("a\x0cb\x1cc\x85d\u2028e\x0b", ["a\x0cb\x1cc\x85d\u2028e\x0b"]),
        ("\n\r", ["\n", "\r", ""]),
    ],
)
def test_only_lsp_line_ends_end_a_line(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


@given(ODD_TEXT)
def test_lines_join_to_the_text(text: str) -> None:
    assert Document.of(text).text == text


@given(ODD_TEXT, st.lists(st.tuples(st.tuples(*[st.integers(0, 12)] * 4), ODD_TEXT), max_size=5))
def test_an_edited_document_equals_one_made_from_the_edited_text(
    text: str, edits: list[tuple[tuple[int, int, int, int], str]]
) -> None:
    document = Document.of(text)
    for places, new_text in edits:
        expected = spliced(document, Range(*places), new_text)
        edited, leading, trailing = document.edited(Change(Range(*places), new_text))
        assert edited.text == expected
        assert edited.lines == split_lines(expected)
        assert edited.lines[:leading] == document.lines[:leading]
        assert trailing == 0 or edited.lines[-trailing:] == document.lines[-trailing:]
        assert leading + trailing <= min(len(document.lines), len(edited.lines))
        document = edited


def spliced(document: Document, range: Range, new_text: str) -> str:
    """The same edit on the plain text, by offsets."""

    def offset(line: int, column: int) -> int:
        if line >= len(document.lines):
            return len(document.text)
        return sum(map(len, document.lines[:line])) + min(column, len(document.lines[line].rstrip("\r\n")))

    start, end = sorted([(range.start_line, range.start_column), (range.end_line, range.end_column)])
    return document.text[: offset(*start)] + new_text + document.text[offset(*end) :]


@given(ODD_TEXT, ENCODINGS)
def test_columns_survive_the_way_to_the_editor_and_back(text: str, encoding: Encoding) -> None:
    document = Document.of(text)
    for line, content in enumerate(document.lines):
        for column in range(len(content.rstrip("\r\n")) + 1):
            units = document.units_of(line, column, encoding)
            assert document.column_of(line, units, encoding) == column


def test_a_position_inside_a_character_is_the_characters_start() -> None:
    document = Document.of("a😀b")
    assert [document.column_of(0, units, "utf-16") for units in range(6)] == [0, 1, 1, 2, 3, 3]
    assert [document.column_of(0, units, "utf-8") for units in range(8)] == [0, 1, 1, 1, 1, 2, 3, 3]


def test_halves_of_a_pair_that_come_together_are_one_character() -> None:
    document = Document.of("x = '\ud83d'")
    edited, _, _ = document.edited(Change(Range(0, 6, 0, 6), "\ude00", "utf-16"))
    assert edited.text == "x = '😀'"


def test_an_edit_may_cut_a_pair_in_two() -> None:
    edited, _, _ = Document.of("😀").edited(Change(Range(0, 1, 0, 2), "", "utf-16"))
    assert edited.text == "\ud83d"


def test_a_line_feed_after_a_carriage_return_joins_it() -> None:
    edited, leading, _ = Document.of("a\rb").edited(Change(Range(1, 0, 1, 0), "\n"))
    assert (edited.lines, leading) == (["a\r\n", "b"], 0)


def test_places_outside_the_text_are_moved_into_it_and_reversed_ranges_turned_round() -> None:
    document = Document.of("ab\ncd")
    assert document.edited(Change(Range(7, 3, 9, 1), "!"))[0].text == "ab\ncd!"
    assert document.edited(Change(Range(1, 1, 0, 1), "-"))[0].text == "a-d"
    assert document.edited(Change(Range(0, 99, 0, 99), "!"))[0].text == "ab!\ncd"
