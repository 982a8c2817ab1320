"""A notebook as one program: its Python cells in order, with what only IPython understands made comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

from gradguard.text.document import Change, Document, Encoding, content_of
from gradguard.text.places import Range

_MAGIC = re.compile(r"(\s*)([%!?].*|\S.*\?+)$")
_ASSIGNED = re.compile(r"(\s*[\w.,\s]+=\s*)([%!].*)$")
_PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun")


@dataclass(slots=True)
class Cell:
    """One code cell. `python`: whether its language is Python; of others only the lines count."""

    uri: str
    document: Document
    version: int
    python: bool = True

    def program(self) -> str:
        """The text as Python reads it, with the same number of lines, each as long as before."""
        if not self.python:
            return "\n" * (len(self.document.lines) - 1)
        text = self.document.text
        return text if _parses(text) else _without_magics(self.document)


class Notebook:
    """The code cells of a notebook, in order."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = list(cells)

    def change(self, event: types.NotebookDocumentCellChanges, encoding: Encoding) -> None:
        """What the client says has changed; changes to cells that are not there do not count."""
        if event.structure is not None:
            array = event.structure.array
            known = {cell.uri: cell for cell in self.cells}
            opened = {item.uri: cell_of(item) for item in event.structure.did_open or ()}
            inserted = [opened.get(cell.document) or known.get(cell.document) for cell in array.cells or ()]
            self.cells[array.start : array.start + array.delete_count] = [cell for cell in inserted if cell is not None]
        by_uri = {cell.uri: cell for cell in self.cells}
        for content in event.text_content or ():
            changed = by_uri.get(content.document.uri)
            if changed is None:
                continue
            for change in content.changes:
                changed.document, _, _ = changed.document.edited(change_of(change, encoding))
            changed.version = content.document.version

    def text(self) -> str:
        """The whole program."""
        return "\n".join(cell.program() for cell in self.cells)

    def first_lines(self) -> list[int]:
        """The line of the program at which each cell begins."""
        firsts, line = [], 0
        for cell in self.cells:
            firsts.append(line)
            line += len(cell.document.lines)
        return firsts


def cell_of(item: types.TextDocumentItem) -> Cell:
    """The cell whose text `item` is."""
    return Cell(
        item.uri, Document.of(item.text), item.version, item.language_id in ("python", types.LanguageKind.Python)
    )


def change_of(event: types.TextDocumentContentChangeEvent, encoding: Encoding) -> Change:
    """A change in the workspace's terms; the columns stay in the client's units."""
    if isinstance(event, types.TextDocumentContentChangePartial):
        start, end = event.range.start, event.range.end
        return Change(Range(start.line, start.character, end.line, end.character), event.text, encoding)
    return Change(None, event.text, encoding)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _without_magics(document: Document) -> str:
    """Magics, shell commands and requests for help made comments; text that parses has none of them."""
    lines = document.lines
    head = content_of(lines[0]).strip()
    if head.startswith("%%") and not head.split()[0].startswith(_PYTHON_CELLS):
        return "".join("#" + line[1:] if content_of(line) else line for line in lines)
    return "".join(_without_magic(line) for line in lines)


def _without_magic(line: str) -> str:
    content = content_of(line)
    assigned = _ASSIGNED.match(content)
    if assigned:
        # What the command gives is not known; a name that nothing binds is not known either.
        before, magic = assigned.groups()
        return before + "_" + ("#" + magic[2:] if len(magic) > 1 else "") + line[len(content) :]
    found = _MAGIC.match(content)
    if found is None or _parses(content.strip()):
        return line
    indent, magic = found.groups()
    # Indented, the line may be all that a block holds.
    comment = "pass" + ("#" + magic[5:] if len(magic) > 4 else "") if indent and len(magic) >= 4 else "#" + magic[1:]
    return indent + comment + line[len(content) :]
