"""Positions in the client's units, and the texts that stay in step with the client's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.lsp.programs import HAZARD, WRITE
from tests.lsp.wire import Wire, range_of

EMOJI = HAZARD.replace("y += 1", 'print("🔥é"); y += 1')
UNITS = {"utf-8": 17, "utf-16": 14, "utf-32": 13}


@pytest.mark.parametrize("encoding", UNITS)
def test_columns_count_the_agreed_units(fresh: Wire, encoding: str) -> None:
    result = fresh.initialize({"general": {"positionEncodings": [encoding, "utf-16"]}})
    assert result["capabilities"]["positionEncoding"] == encoding
    fresh.open("file:///units.py", EMOJI)
    (found,) = fresh.diagnostics("file:///units.py", 1)
    start = UNITS[encoding]
    assert found["range"] == range_of(4, start, 4, start + 6)
    position = {"line": 4, "character": start}
    hover = fresh.request("textDocument/hover", {"textDocument": {"uri": "file:///units.py"}, "position": position})
    assert hover["result"]["range"] == found["range"]
    # An edit behind the emoji lands where the client means it.
    changed = range_of(4, start + 2, 4, start + 4)
    fresh.change("file:///units.py", 2, {"range": changed, "text": "= y +"})
    assert fresh.diagnostics("file:///units.py", 2) == []


def test_lines_end_where_lsp_says(wire: Wire) -> None:
    uri = "file:///ends.py"
    wire.open(uri, HAZARD.replace("import torch\n", "import torch  # \x0c \x1c \x85 \u2028\r# one more"))
    (found,) = wire.diagnostics(uri, 1)
    assert found["range"] == range_of(*WRITE)


def test_many_edits_leave_the_same_text_as_one(wire: Wire) -> None:
    uri, numbers = "file:///many.py", random.Random(1)
    text, version = HAZARD, 1
    wire.open(uri, text)
    for _ in range(60):
        version += 1
        at = numbers.randrange(len(text) + 1)
        before = text[:at].split("\n")
        line, column = len(before) - 1, len(before[-1])
        new = numbers.choice(["", "y", "\n", "  ", "(", "y += 1\n", "#"])
        cut = min(numbers.randrange(3), len(text) - at)
        after = text[: at + cut].split("\n")
        changed = range_of(line, column, len(after) - 1, len(after[-1]))
        text = text[:at] + new + text[at + cut :]
        wire.change(uri, version, {"range": changed, "text": new})
    step_by_step = wire.diagnostics(uri, version)
    wire.open("file:///once.py", text)
    assert _plain(wire.diagnostics("file:///once.py", 1)) == _plain(step_by_step)


def test_several_changes_in_one_message_follow_each_other(wire: Wire) -> None:
    uri = "file:///several.py"
    wire.open(uri, "")
    lines = HAZARD.splitlines(keepends=True)
    changes = [{"range": range_of(n, 0, n, 0), "text": line} for n, line in enumerate(lines)]
    wire.change(uri, 2, *changes)
    assert [found["range"] for found in wire.diagnostics(uri, 2)] == [range_of(*WRITE)]


@pytest.mark.parametrize("name", ["a b.py", "ü.py", "100%.py", "#1.py", "a+b&c.py"])
def test_addresses_come_back_as_the_client_spells_them(wire: Wire, name: str, tmp_path: Path) -> None:
    uri = (tmp_path / name).as_uri()
    wire.open(uri, HAZARD)
    (found,) = wire.diagnostics(uri, 1)
    assert {related["location"]["uri"] for related in found["relatedInformation"]} == {uri}


def test_unsaved_texts_have_no_file(wire: Wire) -> None:
    wire.open("untitled:Untitled-1", HAZARD)
    (found,) = wire.diagnostics("untitled:Untitled-1", 1)
    assert found["range"] == range_of(*WRITE)


@pytest.mark.parametrize(
    "text", ["", "\ufeff", "x", "\n", "\r", "\x00", "\t\f", "é" * 3, "(" * 300, "if x:\n" * 99, "\ud83d"]
)
def test_odd_texts(wire: Wire, text: str) -> None:
    uri = "file:///odd.py"
    wire.open(uri, text)
    assert wire.diagnostics(uri, 1) == []
    wire.close(uri)
    wire.diagnostics(uri, None)


def _plain(found: list[dict[str, object]]) -> list[object]:
    """Without what names the file."""
    return [(each["range"], each["message"], each["code"]) for each in found]
