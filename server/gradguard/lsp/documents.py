"""The client's documents over the workspace: where a URI's text stands, and positions in the client's units.

A plain document is one text. A notebook is one text too, of which each cell is a stretch of lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from lsprotocol import types

from gradguard.lsp.notebook import Cell, Notebook
from gradguard.lsp.uris import path_of, uri_of
from gradguard.project.workspace import Workspace
from gradguard.text.document import Change, Document, Encoding
from gradguard.text.places import Place, Range


class Shown(NamedTuple):
    """A document as the client knows it; its first line is line `first` of the text at `path`."""

    uri: str
    path: str
    version: int
    first: int = 0


class Documents:
    """To be used on the engine's thread, as the workspace is."""

    def __init__(self, workspace: Workspace, encoding: Encoding) -> None:
        self.workspace = workspace
        self.encoding = encoding
        self.generation = 0
        """Counts what the client says about its documents, and what else may change results."""
        self.layout = 0
        """Counts what changes which documents there are, and which lines of a notebook stand in which cell."""
        self._uris: dict[str, str] = {}  # as the client spells them
        self._notebooks: dict[str, Notebook] = {}
        self._cells: dict[str, str] = {}

    # What the client says.

    def open(self, uri: str, text: str, version: int) -> None:
        """A text document is open."""
        path = path_of(uri)
        self.generation += 1
        self.layout += 1
        self._uris[path] = uri
        self.workspace.open(path, text, version)

    def change(self, uri: str, changes: Sequence[Change], version: int) -> None:
        """A text document has changed."""
        self.generation += 1
        self.workspace.change(path_of(uri), changes, version)

    def close(self, uri: str) -> None:
        """A text document is closed."""
        path = path_of(uri)
        self._uris.pop(path, None)
        self.generation += 1
        self.layout += 1
        self.workspace.close(path)

    def open_notebook(self, uri: str, cells: Sequence[Cell], version: int) -> None:
        """A notebook is open."""
        path = path_of(uri)
        self._uris[path] = uri
        self._notebooks[path] = Notebook(cells)
        self._lay_out(path, version)

    def change_notebook(self, uri: str, event: types.NotebookDocumentCellChanges | None, version: int) -> None:
        """Cells came, went, moved or changed. Raises KeyError if the notebook is not open."""
        path = path_of(uri)
        if event is not None:
            self._notebooks[path].change(event, self.encoding)
        self._lay_out(path, version)

    def close_notebook(self, uri: str) -> None:
        """A notebook is closed."""
        path = path_of(uri)
        for cell in self._notebooks.pop(path).cells:
            self._cells.pop(cell.uri, None)
        self._uris.pop(path, None)
        self.generation += 1
        self.layout += 1
        self.workspace.close(path)

    def _lay_out(self, path: str, version: int) -> None:
        self.generation += 1
        self.layout += 1
        notebook = self._notebooks[path]
        self._cells = {uri: owner for uri, owner in self._cells.items() if owner != path}
        self._cells.update((cell.uri, path) for cell in notebook.cells)
        self.workspace.open(path, notebook.text(), version)

    # Where things stand.

    def path(self, uri: str) -> str:
        """The name of the text that the document `uri` belongs to."""
        return self._cells.get(uri) or path_of(uri)

    def shown(self, path: str) -> tuple[Shown, ...]:
        """The documents as which the text at `path` is shown: itself, or the cells of a notebook."""
        notebook = self._notebooks.get(path)
        if notebook is not None:
            return tuple(
                Shown(cell.uri, path, cell.version, first)
                for cell, first in zip(notebook.cells, notebook.first_lines(), strict=True)
            )
        source = self.workspace.source(path)
        return (Shown(self._uris.get(path) or uri_of(path), path, 0 if source is None else source.version),)

    def shown_as(self, uri: str) -> Shown:
        """The document `uri`."""
        path = self.path(uri)
        return next((each for each in self.shown(path) if each.uri == uri), Shown(uri, path, 0))

    def open_version(self, uri: str) -> int | None:
        """The version of the document `uri` if the client has it open."""
        shown = self.shown_as(uri)
        return shown.version if self.workspace.is_open(shown.path) else None

    def position(self, uri: str, position: types.Position) -> tuple[str, int, int]:
        """Path, line and column (code points) of a position in the document `uri`."""
        place = self.place(uri, types.Range(position, position))
        return place.path, place.range.start_line, place.range.start_column

    def place(self, uri: str, range: types.Range) -> Place:
        """The stretch of text that `range` of the document `uri` means."""
        shown = self.shown_as(uri)
        start, end = range.start, range.end
        units = Range(start.line + shown.first, start.character, end.line + shown.first, end.character)
        document = self._document(shown.path)
        return Place(shown.path, units if document is None else document.decoded(units, self.encoding))

    def location(self, place: Place) -> types.Location:
        """A place in the client's terms."""
        start_line, start_column, end_line, end_column = self.encoded(place)
        start, end = types.Position(start_line, start_column), types.Position(end_line, end_column)
        return types.Location(self.uri(place), types.Range(start, end))

    def encoded(self, place: Place) -> Range:
        """The range of a place in the document that shows it, in the client's units."""
        document = self._document(place.path)
        units = place.range if document is None else document.encoded(place.range, self.encoding)
        if place.path not in self._notebooks:
            return units
        start_line, start_column, end_line, end_column = units
        first = self._showing(place.path, start_line)[1]
        return Range(start_line - first, start_column, end_line - first, end_column)

    def uri(self, place: Place) -> str:
        """The document in which a place stands."""
        return self._showing(place.path, place.range.start_line)[0]

    def _showing(self, path: str, line: int) -> tuple[str, int]:
        """The document that shows a line of the text at `path`, and its first line there."""
        notebook = self._notebooks.get(path)
        if notebook is None or not notebook.cells:
            return self._uris.get(path) or uri_of(path), 0
        at = bisect_right(notebook.first_lines(), line) - 1
        return notebook.cells[at].uri, notebook.first_lines()[at]

    def _document(self, path: str) -> Document | None:
        source = self.workspace.source(path)
        return None if source is None else source.document
