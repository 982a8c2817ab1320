"""A few whole lines of a file as a libcst tree, so that an edit keeps formatting, comments and indentation.

Only the statement at hand is parsed, never the file: libcst's parser is slow, and what does not parse elsewhere does not matter.
libcst itself is imported by the first fix, not by the server's start.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from gradguard.fixes.fix import Edit
from gradguard.text.document import content_of
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    import libcst as cst

    from gradguard.text.source import SourceFile

    Node = TypeVar("Node", bound=cst.CSTNode)

_WRAPPER = "if True:"


def load_parser() -> None:
    """Import libcst before the first fix needs it, which would wait a fifth of a second for it."""
    import libcst.metadata  # noqa: F401


class Unreadable(ValueError):
    """libcst does not read these lines: they have half a surrogate pair, or syntax that it does not know."""


class Snippet:
    """Lines [first, end) of `source`, which hold whole statements of one block."""

    def __init__(self, source: SourceFile, first: int, end: int) -> None:
        """Parses nothing yet. Line numbers are 0-based."""
        self.path = source.path
        self.first = first
        self.lines = tuple(source.document.lines[first:end])

    @property
    def text(self) -> str:
        """The lines as they stand."""
        return "".join(self.lines)

    @cached_property
    def tree(self) -> cst.Module:
        """The statements; an indented block stands under an `if` of one line. Raises Unreadable."""
        from libcst import ParserSyntaxError, metadata, parse_module

        try:
            module = parse_module(self._wrapper + self.text)
        except (ParserSyntaxError, UnicodeError) as error:
            raise Unreadable(str(error)) from error
        wrapped = metadata.MetadataWrapper(module, unsafe_skip_copy=True)
        self._ranges = wrapped.resolve(metadata.PositionProvider)
        return wrapped.module

    def expression_at(self, place: Range) -> cst.BaseExpression | None:
        """The innermost expression that covers `place`."""
        import libcst as cst

        return self.node_at(place, cst.BaseExpression)  # type: ignore[type-abstract]

    def node_at(self, place: Range, kind: type[Node]) -> Node | None:
        """The innermost node of type `kind` that covers `place` (a range of the file)."""
        _ = self.tree
        shift = self.first - (1 if self._wrapper else 0)
        best: Node | None = None
        for node, position in self._ranges.items():
            if isinstance(node, kind):
                start = (position.start.line - 1 + shift, position.start.column)
                end = (position.end.line - 1 + shift, position.end.column)
                if start <= place[:2] and place[2:] <= end and (best is None or self._is_inside(node, best)):
                    best = node
        return best

    def code_of(self, node: cst.CSTNode) -> str:
        """The source text of `node`."""
        return self.tree.code_for_node(node)

    def replaced(self, old: cst.CSTNode, new: cst.CSTNode) -> Edit:
        """The edit that puts `new` in the place of `old`."""
        changed = cast("cst.Module", self.tree.deep_replace(old, new))  # `old` is a node of this very tree
        return self.edit(changed.code.removeprefix(self._wrapper))

    def edit(self, new_text: str) -> Edit:
        """The smallest edit that turns the lines into `new_text`."""
        old_text = self.text
        head = _common_prefix(old_text, new_text)
        tail = _common_prefix(old_text[head:][::-1], new_text[head:][::-1])
        start, end = self._position(head), self._position(len(old_text) - tail)
        return Edit(Place(self.path, Range(*start, *end)), new_text[head : len(new_text) - tail])

    @cached_property
    def _wrapper(self) -> str:
        first = self.lines[0] if self.lines else ""
        return _WRAPPER + (first[len(content_of(first)) :] or "\n") if first[:1] in (" ", "\t") else ""

    def _is_inside(self, node: cst.CSTNode, other: cst.CSTNode) -> bool:
        inner, outer = self._ranges[node], self._ranges[other]
        return (outer.start.line, outer.start.column) <= (inner.start.line, inner.start.column) and (
            (inner.end.line, inner.end.column) <= (outer.end.line, outer.end.column)
        )

    def _position(self, offset: int) -> tuple[int, int]:
        line = 0
        while line < len(self.lines) and offset > len(content_of(self.lines[line])):
            if offset < len(self.lines[line]):
                break
            offset -= len(self.lines[line])
            line += 1
        return self.first + line, offset


def _common_prefix(one: str, other: str) -> int:
    length = min(len(one), len(other))
    return next((at for at in range(length) if one[at] != other[at]), length)
