"""Where a finding stands in the program's syntax: the statement that writes, the block and the function round it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gradguard.fixes.fix import Edit
from gradguard.fixes.snippet import Snippet
from gradguard.interpreter.sites import Site
from gradguard.text.document import content_of
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradguard.fixes.files import Files
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.text.chunks import Chunk
    from gradguard.text.source import SourceFile

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module


@dataclass(frozen=True)
class Spot:
    """One expression of the program with everything that encloses it, outermost first; the last node is the smallest.

    `block` and `index`: the list of statements in which the innermost enclosing statement stands.
    """

    source: SourceFile
    chunk: Chunk
    site: Site
    nodes: tuple[ast.AST, ...]

    @cached_property
    def statement(self) -> ast.stmt:
        """The innermost statement round the expression."""
        return next(node for node in reversed(self.nodes) if isinstance(node, ast.stmt))

    @cached_property
    def expression(self) -> ast.expr | None:
        """The innermost expression of exactly the site's range, if it is an expression."""
        wanted = self.site.node_range
        return next(
            (node for node in self.nodes if isinstance(node, ast.expr) and self.chunk.range_of(node) == wanted), None
        )

    @cached_property
    def block(self) -> Sequence[ast.stmt]:
        """The statements among which `statement` stands."""
        for holder in reversed(self.nodes[: self.nodes.index(self.statement)]):
            for block in blocks_of(holder):
                if self.statement in block:
                    return block
        return self.top_level

    def outwards(self) -> Iterator[Spot]:
        """This spot, then the statements round it as spots of their own, up to its function."""
        for at in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[at]
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                return
            if isinstance(node, ast.stmt):
                yield self if node is self.statement else replace(self, nodes=self.nodes[: at + 1])

    @cached_property
    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The innermost function round the expression."""
        return next(
            (node for node in reversed(self.nodes) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)), None
        )

    @cached_property
    def class_(self) -> ast.ClassDef | None:
        """The innermost class round the expression."""
        return next((node for node in reversed(self.nodes) if isinstance(node, ast.ClassDef)), None)

    @cached_property
    def scope_body(self) -> Sequence[ast.stmt]:
        """The statements of the scope in which the expression's names live: its function, or the whole module."""
        return self.top_level if self.function is None else self.function.body

    @cached_property
    def top_level(self) -> Sequence[ast.stmt]:
        """The file's top-level statements that parse."""
        return [statement for chunk in self.source.chunks if not chunk.holes for statement in chunk.tree]

    @cached_property
    def positioned(self) -> Sequence[tuple[tuple[int, int], Chunk, ast.AST]]:
        """Every statement and expression of the scope with its start (line of the file, column in bytes), in order."""
        if self.function is not None:
            tops: list[tuple[Chunk, ast.AST]] = [(self.chunk, self.function)]
        else:
            tops = [(chunk, top) for chunk in self.source.chunks if not chunk.holes for top in chunk.tree]
        found = [
            ((node.lineno + chunk.start_line, node.col_offset), chunk, node)
            for chunk, top in tops
            for node in ast.walk(top)
            if isinstance(node, ast.stmt | ast.expr)
        ]
        return sorted(found, key=lambda each: each[0])

    @cached_property
    def loops(self) -> tuple[ast.For | ast.AsyncFor | ast.While, ...]:
        """The loops round the expression inside its function, outermost first."""
        start = 0 if self.function is None else self.nodes.index(self.function)
        return tuple(node for node in self.nodes[start:] if isinstance(node, ast.For | ast.AsyncFor | ast.While))

    def range_of(self, node: ast.AST) -> Range:
        """Where `node`, of this chunk or a top-level statement of the file, stands in the file."""
        chunk = self._chunks.get(id(node), self.chunk)
        return chunk.place_of(chunk.range_of(node)).range

    def range_of_any(self, node: ast.AST) -> Range:
        """Where any node of the file stands."""
        for chunk in self.source.chunks:
            if any(inner is node for top in chunk.tree for inner in ast.walk(top)):
                return chunk.place_of(chunk.range_of(node)).range
        return self.range_of(node)

    @cached_property
    def _chunks(self) -> dict[int, Chunk]:
        """The chunk of each top-level statement."""
        return {id(statement): chunk for chunk in self.source.chunks if not chunk.holes for statement in chunk.tree}

    @cached_property
    def owns_lines(self) -> bool:
        """Whether no other statement stands on the lines of `statement`."""
        lines = self.source.document.lines
        place = self.range_of(self.statement)
        before = lines[place.start_line][: place.start_column]
        after = content_of(lines[place.end_line])[place.end_column :].strip()
        return not before.strip() and (not after or after.startswith("#"))

    def snippet(self, node: ast.stmt | None = None) -> Snippet:
        """The lines of `node` (else of `statement`), or of the smallest statement round it that owns its lines."""
        lines = self.source.document.lines
        place = self.range_of(node or self.statement)
        start, end = place.start_line, place.end_line + 1
        for outer in reversed(self.nodes):
            if not lines[start][: place.start_column].strip():
                break
            if isinstance(outer, ast.stmt):
                place = self.range_of(outer)
                start, end = min(start, place.start_line), max(end, place.end_line + 1)
        return Snippet(self.source, start, end)

    def inserted_before(self, node: ast.stmt, code: str) -> Edit:
        """An edit that puts the lines `code` before `node`, at its indentation."""
        return self._inserted(self._first_line(node), node, code)

    def inserted_after(self, node: ast.stmt, code: str) -> Edit:
        """An edit that puts the lines `code` after `node`, at its indentation."""
        return self._inserted(self.range_of(node).end_line + 1, node, code)

    def _first_line(self, node: ast.stmt) -> int:
        decorators = getattr(node, "decorator_list", [])
        return min(self.range_of(each).start_line for each in (node, *decorators))

    def _inserted(self, line: int, like: ast.stmt, code: str) -> Edit:
        lines = self.source.document.lines
        place = self.range_of(like)
        model = lines[place.start_line]
        indent = model[: place.start_column]
        end = model[len(content_of(model)) :] or "\n"
        text = "".join(f"{indent}{each}{end}" if each else end for each in code.split("\n"))
        last = len(lines) - 1
        if line > last or (line == last and not lines[last] and not content_of(lines[last])):
            # The file's last line has no end of its own.
            tail = lines[last]
            if tail:
                return Edit(Place(self.source.path, Range(last, len(tail), last, len(tail))), end + text[: -len(end)])
            line = last
        return Edit(Place(self.source.path, Range(line, 0, line, 0)), text)


@dataclass(frozen=True)
class Situation:
    """A finding, and the files in which a fix may look for the spots of its story and edit them."""

    finding: Finding
    files: Files
    texts: Texts

    @property
    def sources(self) -> Iterator[SourceFile]:
        """The files, that of the finding first."""
        for path in self.files.paths:
            source = self.files.source(path)
            if source is not None:
                yield source

    def spot(self, site: object) -> Spot | None:
        """The syntax round a site; None if it stands in a file that no fix may edit, or its code does not parse."""
        if not isinstance(site, Site):
            return None
        source = self.files.source(site.chunk.path)
        chunk = None if source is None else _own_chunk(site.chunk, source)
        if source is None or chunk is None or chunk.holes:
            return None
        nodes = tuple(_enclosing(chunk, site.node_range))
        if not any(isinstance(node, ast.stmt) for node in nodes):
            return None
        return Spot(source, chunk, site, nodes)


def _own_chunk(chunk: Chunk, source: SourceFile) -> Chunk | None:
    """The chunk of `source` that is `chunk`, or has its text: a trial analysis may have cut the same text on its own."""
    same = [each for each in source.chunks if each is chunk or each.lines == chunk.lines]
    return min(same, key=lambda each: (each is not chunk, abs(each.start_line - chunk.start_line)), default=None)


def blocks_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statement lists that `node` holds."""
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, ast.ExceptHandler | ast.match_case):
                    yield each.body


def _enclosing(chunk: Chunk, wanted: tuple[int, int, int, int]) -> Iterator[ast.AST]:
    children: list[ast.AST] = list(chunk.tree)
    while children:
        node = children.pop()
        if not hasattr(node, "lineno"):
            children.extend(ast.iter_child_nodes(node))
            continue
        start_line, start_column, end_line, end_column = chunk.range_of(node)
        if (start_line, start_column) <= wanted[:2] and wanted[2:] <= (end_line, end_column):
            yield node
            children = list(ast.iter_child_nodes(node))
