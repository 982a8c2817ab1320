"""A top-level statement of a file, the unit in which files are parsed and analysed.

A `Chunk` is the same object as long as its text is the same, wherever an edit moves it; `start_line` says where it
stands in the newest version of its file. Everything else about it is relative to its first line.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from itertools import compress, count, islice
from operator import is_not

from gradguard.text.document import content_of
from gradguard.text.holes import Hole, parse
from gradguard.text.places import Place, Range

RelativeRange = tuple[int, int, int, int]


class Chunk:
    """One top-level statement (or several on one line) with its decorators.

    `lines`: its lines with their ends. `start_line`: the 0-based line of the file on which it begins.
    """

    __slots__ = ("__weakref__", "_ascii", "_binds", "_holes", "_tree", "lines", "path", "start_line")

    def __init__(self, path: str, lines: tuple[str, ...], start_line: int) -> None:
        """Nothing is parsed yet."""
        self.path = path
        self.lines = lines
        self.start_line = start_line
        self._tree: list[ast.stmt] | None = None
        self._holes: tuple[Hole, ...] = ()
        self._binds: frozenset[str] | None = None
        self._ascii = all(line.isascii() for line in lines)

    def __repr__(self) -> str:
        """The first line, for logs."""
        return f"<Chunk {self.path}:{self.start_line + 1} {content_of(self.lines[0])!r}>"

    @property
    def text(self) -> str:
        """The statement's text."""
        return "".join(self.lines)

    @property
    def end_line(self) -> int:
        """The line after the last one, in the newest version of the file."""
        return self.start_line + len(self.lines)

    @property
    def tree(self) -> list[ast.stmt]:
        """The parsed statements; line numbers are 1-based within the chunk, columns count UTF-8 bytes, as `ast` has it.

        What does not parse is replaced by calls of `__gradguard_hole__` (see `holes`), whose positions mean nothing.
        """
        if self._tree is None:
            self._tree, self._holes = parse(self.lines)
        return self._tree

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The stretches of lines that do not parse, in order."""
        _ = self.tree
        return self._holes

    @property
    def binds(self) -> frozenset[str]:
        """The module-level names that the chunk, or a `global` statement in it, can bind or delete.

        `*` stands for a star import. A hole binds what its text looks like assigning.
        """
        if self._binds is None:
            names = _bound(self.tree, any("global" in line for line in self.lines))
            for hole in self.holes:
                if hole.indent == 0:
                    names |= hole.binds
            self._binds = frozenset(names)
        return self._binds

    def range_of(self, node: ast.AST) -> RelativeRange:
        """Where `node` stands: lines from 0 within the chunk, columns in code points, end exclusive."""
        start_line: int = node.lineno - 1  # type: ignore[attr-defined]
        start_column: int = node.col_offset  # type: ignore[attr-defined]
        end_line: int = node.end_lineno - 1  # type: ignore[attr-defined]
        end_column: int = node.end_col_offset  # type: ignore[attr-defined]
        if self._ascii:
            return start_line, start_column, end_line, end_column
        return start_line, self._column(start_line, start_column), end_line, self._column(end_line, end_column)

    def place_of(self, range: RelativeRange) -> Place:
        """The place, in the newest version of the file, of a range relative to the chunk."""
        start_line, start_column, end_line, end_column = range
        return Place(
            self.path, Range(start_line + self.start_line, start_column, end_line + self.start_line, end_column)
        )

    def _column(self, line: int, offset: int) -> int:
        """A UTF-8 offset in code points (`parse` reads a text whose characters have as many bytes)."""
        text = self.lines[line] if line < len(self.lines) else ""
        if text.isascii():
            return offset
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))


Stretches = tuple[Sequence[Chunk], Sequence[Chunk]]
"""Statements of an older version of a file, and of a newer one."""


def differing(old: Sequence[Chunk], new: Sequence[Chunk]) -> Stretches:
    """The stretches in which two versions of a file differ; before and behind them both have the same statements."""
    head, tail = common_ends(old, new)
    return old[head : len(old) - tail], new[head : len(new) - tail]


def common_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many of the first, and of the last, are the same objects."""
    most = min(len(old), len(new))
    head = next(compress(count(), map(is_not, old, new)), most)
    most -= head
    return head, next(compress(count(), islice(map(is_not, reversed(old), reversed(new)), most)), most)


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _bound(statements: Iterable[ast.AST], globals_declared: bool) -> set[str]:
    """Names that `statements` bind in their own scope, and those that functions in them declare global."""
    names: set[str] = set()
    pending = list(statements)
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
                if globals_declared:
                    names.update(*(inner.names for inner in ast.walk(node) if isinstance(inner, ast.Global)))
            case ast.Import():
                names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
            case ast.ImportFrom():
                names.update(alias.asname or alias.name for alias in node.names)
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.add(node.id)
            case ast.Lambda():
                pass
            case _ if isinstance(node, _COMPREHENSIONS):
                names.update(inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
            case _:
                match node:
                    case (
                        ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name))
                    ):
                        names.add(name)
                    case ast.MatchMapping(rest=str(name)):
                        names.add(name)
                pending.extend(ast.iter_child_nodes(node))
    return names
