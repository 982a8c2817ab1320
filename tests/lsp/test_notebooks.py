"""A notebook's cells are one program in order, and each cell has its own results."""

from __future__ import annotations

from typing import Any

import pytest

from gradguard.lsp.notebook import Cell
from gradguard.text.document import Document
from tests.lsp.wire import Wire, range_of

NOTEBOOK = "file:///notes/train.ipynb"
FIRST = "%matplotlib inline\nimport torch\nw = torch.ones(3, requires_grad=True)"
SECOND = "!nvidia-smi\ny = w.exp()"
THIRD = "y += 1\ny.sum().backward()"


def uri_of(name: str) -> str:
    """The address of a cell."""
    return f"vscode-notebook-cell:/notes/train.ipynb#{name}"


def cell(name: str) -> dict[str, Any]:
    """A code cell."""
    return {"kind": 2, "document": uri_of(name)}


def text_of(name: str, text: str, language: str = "python") -> dict[str, Any]:
    """The text of a cell."""
    return {"uri": uri_of(name), "languageId": language, "version": 1, "text": text}


def open_notebook(wire: Wire, **texts: str) -> None:
    """Open a notebook with these cells."""
    notebook = {"uri": NOTEBOOK, "notebookType": "jupyter-notebook", "version": 1, "cells": [cell(n) for n in texts]}
    items = [text_of(name, text) for name, text in texts.items()]
    wire.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items})


def change(wire: Wire, version: int, **cells: Any) -> None:
    """Change its cells."""
    notebook = {"uri": NOTEBOOK, "version": version}
    wire.notify("notebookDocument/didChange", {"notebookDocument": notebook, "change": {"cells": cells}})


@pytest.fixture
def notebook(fresh: Wire) -> Wire:
    fresh.initialize({"notebookDocument": {"synchronization": {}}})
    open_notebook(fresh, a=FIRST, b=SECOND, c=THIRD)
    return fresh


def test_clients_that_have_notebooks_are_told_that_they_are_read(fresh: Wire) -> None:
    result = fresh.initialize({"notebookDocument": {"synchronization": {"dynamicRegistration": True}}})
    selector = result["capabilities"]["notebookDocumentSync"]["notebookSelector"]
    assert selector == [{"cells": [{"language": "python"}]}]


def test_each_cell_has_its_own_results(notebook: Wire) -> None:
    assert notebook.diagnostics(uri_of("a"), 1) == []
    assert notebook.diagnostics(uri_of("b"), 1) == []
    (found,) = notebook.diagnostics(uri_of("c"), 1)
    assert found["range"] == range_of(0, 0, 0, 6)
    places = [(each["location"]["uri"], each["location"]["range"]) for each in found["relatedInformation"]]
    assert places == [(uri_of("b"), range_of(1, 4, 1, 11)), (uri_of("c"), range_of(1, 0, 1, 18))]


def test_hovers_and_fixes_in_cells(notebook: Wire) -> None:
    document = {"textDocument": {"uri": uri_of("c")}}
    hover = notebook.request("textDocument/hover", {**document, "position": {"line": 0, "character": 1}})
    assert hover["result"]["range"] == range_of(0, 0, 0, 6)
    actions = notebook.request(
        "textDocument/codeAction", {**document, "range": range_of(0, 0, 0, 6), "context": {"diagnostics": []}}
    )["result"]
    (best,) = [action for action in actions if action.get("isPreferred")]
    assert best["edit"]["changes"] == {uri_of("c"): [{"range": range_of(0, 2, 0, 4), "newText": "= y +"}]}


def test_a_changed_cell_changes_the_program(notebook: Wire) -> None:
    content = {
        "document": {"uri": uri_of("b"), "version": 2},
        "changes": [{"range": range_of(1, 4, 1, 11), "text": "w * 2"}],
    }
    change(notebook, 2, textContent=[content])
    assert notebook.diagnostics(uri_of("b"), 2) == []
    assert [found["code"] for found in notebook.diagnostics(uri_of("c"), 1)] == ["GG901"]


def test_moved_and_deleted_cells(notebook: Wire) -> None:
    notebook.diagnostics(uri_of("c"), 1)
    change(notebook, 2, structure={"array": {"start": 1, "deleteCount": 2, "cells": [cell("c"), cell("b")]}})
    assert notebook.diagnostics(uri_of("c"), 1) == []
    change(notebook, 3, structure={"array": {"start": 1, "deleteCount": 1}, "didClose": [{"uri": uri_of("c")}]})
    assert notebook.diagnostics(uri_of("c"), None) == []


def test_an_added_cell(notebook: Wire) -> None:
    notebook.diagnostics(uri_of("c"), 1)
    array = {"start": 2, "deleteCount": 0, "cells": [cell("d")]}
    change(notebook, 2, structure={"array": array, "didOpen": [text_of("d", "y = y * 2\n")]})
    assert notebook.diagnostics(uri_of("d"), 1) == []
    assert [found["code"] for found in notebook.diagnostics(uri_of("c"), 1)] == ["GG901"]


def test_a_closed_notebook_shows_nothing(notebook: Wire) -> None:
    notebook.diagnostics(uri_of("c"), 1)
    documents = [{"uri": uri_of(name)} for name in "abc"]
    notebook.notify(
        "notebookDocument/didClose", {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": documents}
    )
    assert notebook.diagnostics(uri_of("c"), None) == []


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("x = 1\n", "x = 1\n"),
        ("x = (a\n% b)\n", "x = (a\n% b)\n"),
        ("%time x = 1\ny = 2", "#time x = 1\ny = 2"),
        ("!pip install torch", "#pip install torch"),
        ("x?", "#?"),
        ("torch.exp??", "#orch.exp??"),
        ("if x:\n    !pip install y\n", "if x:\n    pass#install y\n"),
        ("files = !ls\nx = 1", "files = _#s\nx = 1"),
        ("%%time\nx = 1", "#%time\nx = 1"),
        ("%%bash\necho $x\n", "#%bash\n#cho $x\n"),
        ("%%html\n<b>\n</b>", "#%html\n#b>\n#/b>"),
    ],
)
def test_what_only_ipython_understands(text: str, program: str) -> None:
    assert Cell("c", Document.of(text), 1).program() == program


def test_cells_of_other_languages_are_blank() -> None:
    assert Cell("c", Document.of("# Title\n\ntext"), 1, python=False).program() == "\n\n"
