"""Files fall into top-level statements without parsing; half-typed code spoils as little as possible."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradguard
from gradguard.text.chunks import differing
from gradguard.text.document import Change, split_lines
from gradguard.text.places import Range
from gradguard.text.source import SourceFile

OWN_FILES = sorted(Path(gradguard.__file__).parent.rglob("*.py"))


def outline(text: str) -> list[str]:
    """Each chunk as `ast` prints what it holds."""
    return [ast.unparse(ast.Module(chunk.tree, [])) for chunk in SourceFile("a.py", text).chunks]


def described(source: SourceFile) -> list[tuple[int, tuple[str, ...]]]:
    return [(chunk.start_line, chunk.lines) for chunk in source.chunks]


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.stem)
def test_valid_code_is_cut_where_the_parser_would_cut_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = []
    for statement in ast.parse(text).body:
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))])
        expected.append((first - 1, statement.end_lineno))
    chunks = SourceFile("a.py", text).chunks
    assert [(chunk.start_line, chunk.end_line) for chunk in chunks] == expected
    assert not any(chunk.holes for chunk in chunks)


def test_positions_are_the_files_own() -> None:
    source = SourceFile("a.py", "import torch\n\n\ndef f(x):\n    中 = '😀'; y = x.exp()\n")
    function = source.chunks[1].tree[0]
    assert isinstance(function, ast.FunctionDef)
    place = source.chunks[1].place_of(source.chunks[1].range_of(function.body[1]))
    assert place.range == Range(4, 13, 4, 24)
    assert source.document.text_in(place.range) == "y = x.exp()"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1; y = 2\n", ["x = 1\ny = 2"]),
        ("@a\n\n# why\n@b(\n  1)\ndef f(): pass\nx = 1", ["@a\n@b(1)\ndef f():\n    pass", "x = 1"]),
        ("if a:\n  b\nelse:\n  c\n", ["if a:\n    b\nelse:\n    c"]),
        ("try:\n  b\nexcept E:\n  c\nfinally:\n  d\ne", ["try:\n    b\nexcept E:\n    c\nfinally:\n    d", "e"]),
        ("x = '''\ndef f():\n'''\ny = 2", ["x = '\\ndef f():\\n'", "y = 2"]),
        ("setup(\nname='n',\nversion='1',\n)\ny = 2", ["setup(name='n', version='1')", "y = 2"]),
        ("x = 1 + \\\n2\ny = 3", ["x = 1 + 2", "y = 3"]),
        ("x = 'a\\\nb'\ny = 3", ["x = 'ab'", "y = 3"]),
        ("\ufeffx = 1\n\fy = 2\n", ["x = 1", "y = 2"]),
        ("x = '\\''; y = \"#\" # '\nz = 1", ["x = \"'\"\ny = '#'", "z = 1"]),
        ("def f():\n\tx\n\n    # note\n\ty\nz", ["def f():\n    x\n    y", "z"]),
    ],
)
def test_statements(text: str, expected: list[str]) -> None:
    assert outline(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A bracket that is never closed ends before the next line that begins like a statement.
        ("y = exp(\nz = y * 2\ndef f(): pass\n", ["__gradguard_hole__(y, exp)", "z = y * 2", "def f():\n    pass"]),
        ("y = exp(", ["__gradguard_hole__(y, exp)"]),
        # A string that is never closed, and one that swallows the next docstring.
        ("y = 'exp\nz = 1\n", ["__gradguard_hole__(y, exp)", "z = 1"]),
        (
            'def f():\n    """\n    x\n\ndef g():\n    """Doc."""\n',
            ["def f():\n    __gradguard_hole__()\n    x", 'def g():\n    """Doc."""'],
        ),
        # Only the broken statement is lost.
        (
            "def f():\n    a = 1\n    b = a.\n    return b\n",
            ["def f():\n    a = 1\n    __gradguard_hole__(b, a)\n    return b"],
        ),
        ("def f():\n    if x:\n    y = 1\n", ["def f():\n    __gradguard_hole__(x)\n    y = 1"]),
        ("if x:\n  a = (\n  b = 1\nelse:\n  c\n", ["if x:\n    __gradguard_hole__(a)\n    b = 1\nelse:\n    c"]),
        ("try:\n  a\nb", ["if 1:\n    a", "b"]),
        ("for i in range(3)\n  a\nb", ["__gradguard_hole__(i, range, a)", "b"]),
        (
            "class A:\n  def f(self)\n    return 1\n  def g(self): return 2\n",
            ["class A:\n    __gradguard_hole__(f, self)\n\n    def g(self):\n        return 2"],
        ),
        ("x = 1\n  y = 2\nz = 3\n", ["x = 1\n__gradguard_hole__(y)", "z = 3"]),
        ("else:\n  x\ny = 1", ["__gradguard_hole__(x)", "y = 1"]),
        ("print 'hello'\ny = 1", ["__gradguard_hole__(print)", "y = 1"]),
        ("@\ndef f(): pass\ny = 1", ["__gradguard_hole__(f)", "y = 1"]),
        ("x = \0\ny = 1", ["__gradguard_hole__(x)", "y = 1"]),
        ("x = '\ud800'\ny = 1", ["x = '\ufffd'", "y = 1"]),
        (
            "%matplotlib inline\n!pip install x\ny = 1",
            ["__gradguard_hole__(matplotlib, inline)", "__gradguard_hole__(pip, install, x)", "y = 1"],
        ),
    ],
)
def test_broken_code_keeps_its_neighbours(text: str, expected: list[str]) -> None:
    assert outline(text) == expected


def test_positions_beside_a_hole_stay() -> None:
    chunk = SourceFile("a.py", "def f():\n    a = (\n    b = 1\n").chunks[0]
    function = chunk.tree[0]
    assert isinstance(function, ast.FunctionDef)
    assert chunk.range_of(function.body[1]) == (2, 4, 2, 9)
    assert [(hole.start, hole.end, hole.names) for hole in chunk.holes] == [(1, 2, ("a",))]


@pytest.mark.parametrize(
    "text", ["(" * 5000, "x = " + "-" * 50_000 + "1", "if 1:\n" * 200, "x = " + "[" * 300 + "]" * 300, "a" * 200_000]
)
def test_absurd_code_is_read_in_bounded_depth(text: str) -> None:
    source = SourceFile("a.py", text + "\ny = 1\n")
    assert ast.unparse(source.chunks[-1].tree[-1]) == "y = 1"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a = b = 1; c, (d, *e) = x; f += 1; g: int; h.i = 1; j[0] = 1", "a b c d e f g"),
        ("import p.q, r as s\nfrom t import u, v as w", "p s u w"),
        ("from m import *", "*"),
        ("for i in y:\n  with z as k: (n := 1)\nelse: del o", "i k n o"),
        ("try: pass\nexcept E as e: x = 1", "e x"),
        ("def f():\n  global a\n  a = b = 1\nclass C:\n  d = 1", "f a C"),
        ("match x:\n  case [a, *b]: pass\n  case {'k': c, **d}: pass\n  case E(f) as g: pass", "a b c d f g"),
        ("[q for r in s if (t := r)]; lambda: (u := 1)", "t"),
        ("y = torch.exp(\n", "y"),
    ],
)
def test_names_bound(text: str, names: str) -> None:
    bound: set[str] = set()
    for chunk in SourceFile("a.py", text).chunks:
        bound |= chunk.binds
    assert bound == set(names.split())


def test_an_edit_keeps_the_chunks_it_does_not_touch() -> None:
    source = SourceFile("a.py", "a = 1\n\n\ndef f():\n    b = 2\n\n\nc = 3\n")
    a, f, c = source.chunks
    edited = source.edited([Change(Range(4, 8, 4, 9), "4\n    d = 5")], 1)
    assert edited.chunks[0] is a
    assert edited.chunks[1] is not f
    assert edited.chunks[2] is c
    assert (c.start_line, c.end_line) == (8, 9)
    moved = edited.edited([Change(Range(0, 0, 0, 0), "\n# note\n")], 2)
    assert moved.chunks == edited.chunks
    assert a.start_line == 2


def test_an_unclosed_bracket_keeps_the_chunks_below_it() -> None:
    source = SourceFile("a.py", "a = f()\nb = 2\ndef g(): pass\n")
    edited = source.edited([Change(Range(0, 6, 0, 7), "")], 1)
    assert edited.chunks[1] is source.chunks[1]
    assert edited.chunks[2] is source.chunks[2]


PIECES = [
    *("def f(x):\n", "    y = x.exp()\n", "\tz = 1\n", "class A:\n", "@d\n", "else:\n", "    return y\n", "if x:\n"),
    *('"""', "'''", "'", "(", ")", "[", "]", "{", "}", "\\", "\n", "\r\n", "\r", "#c\n", "x = 1\n", "    ", ":", ","),
    *("😀", "é", "\f", "\ufeff", "\x1c", "\u2028", "\0", "\ud800", "import a\n"),
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.lists(
        st.tuples(
            st.integers(0, 15), st.integers(0, 9), st.integers(0, 4), st.lists(st.sampled_from(PIECES), max_size=4)
        ),
        max_size=6,
    ),
)
@settings(max_examples=300)
def test_edited_files_equal_files_made_from_scratch(text: str, edits: list[tuple[int, int, int, list[str]]]) -> None:
    source = SourceFile("a.py", text)
    for version, (line, column, lines, pieces) in enumerate(edits):
        before, starts = source, [chunk.start_line for chunk in source.chunks]
        source = source.edited([Change(Range(line, column, line + lines, column), "".join(pieces), "utf-16")], version)
        assert source.differing(before) == differing(before.chunks, source.chunks)
        kept = [(chunk, start) for chunk, start in zip(before.chunks, starts, strict=True) if chunk in source]
        assert {chunk for chunk, _ in kept} == {*before.chunks} & {*source.chunks}
        differs = source.differing(before)[1]
        assert source.moved_since(before) or all(c.start_line == start for c, start in kept if c not in differs)
        fresh = SourceFile("a.py", source.text)
        assert described(source) == described(fresh)
        for mine, theirs in zip(source.chunks, fresh.chunks, strict=True):
            assert [ast.dump(each, include_attributes=True) for each in mine.tree] == [
                ast.dump(each, include_attributes=True) for each in theirs.tree
            ]


def test_a_statement_may_move_although_there_are_as_many_lines_as_before() -> None:
    before = SourceFile("a.py", "a = 1\nb = 2\n\nc = 3\n")
    source = before.edited([Change(Range(1, 0, 1, 0), "\n"), Change(Range(3, 0, 4, 0), "")], 1)
    assert source.text == "a = 1\n\nb = 2\nc = 3\n"
    assert source.differing(before) == ((), ())
    assert source.moved_since(before)


def test_real_files_torn_apart_and_mended_equal_themselves() -> None:
    choose = random.Random(7)
    for path in choose.sample(OWN_FILES, min(8, len(OWN_FILES))):
        text = path.read_text(encoding="utf-8")
        source = SourceFile("a.py", text)
        first = described(source)
        for version in range(20):
            line = choose.randrange(len(split_lines(source.text)))
            length = choose.randrange(4)
            removed = source.document.text_in(Range(line, 0, line + length, 0))
            source = source.edited([Change(Range(line, 0, line + length, 0), "")], version)
            assert described(source) == described(SourceFile("a.py", source.text))
            source = source.edited([Change(Range(line, 0, line, 0), removed)], version)
        assert source.text == text
        assert described(source) == first
