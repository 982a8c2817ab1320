"""What an editor gets: diagnostics, hovers, fixes, and what else the protocol offers; asked by a real client."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from gradguard.fixes.fix import Edit, applied
from gradguard.text.places import Place, Range
from tests.lsp.programs import BACKWARD, CURED, HAZARD, SAVE, WRITE
from tests.lsp.wire import SECONDS, SERVER

COMMAND = [sys.executable, "-m", "gradguard", "server"]


class Editor(LanguageClient):
    """A client that keeps all that was pushed.

    Waiting for the next notification, as `LanguageClient` does, begins a turn of the loop later: what comes meanwhile is lost.
    """

    def __init__(self) -> None:
        super().__init__(converter_factory=default_converter)
        self.pushed: list[types.PublishDiagnosticsParams] = []

        def note(params: types.PublishDiagnosticsParams) -> None:
            self.pushed.append(params)
            self.diagnostics[params.uri] = params.diagnostics

        register_lsp_features(self, {**DEFAULT_CLIENT_FEATURES, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: note})

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let messages come until `condition` holds."""

        async def holds() -> None:
            while not condition():
                await asyncio.sleep(0.005)

        await asyncio.wait_for(holds(), SECONDS)


@pytest_lsp.fixture(
    params=["visual-studio-code", "neovim", "emacs"],
    config=ClientServerConfig(server_command=COMMAND, server_env={"PYTHONPATH": str(SERVER)}, client_factory=Editor),
)
async def client(request: pytest.FixtureRequest, lsp_client: Editor, tmp_path: Path) -> AsyncIterator[None]:
    """An editor, with the capabilities that it was seen to have, in an empty folder."""
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)
    capabilities = client_capabilities(request.param)
    folders = [types.WorkspaceFolder(tmp_path.as_uri(), "work")]
    await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities, workspace_folders=folders))
    yield
    await lsp_client.shutdown_session()


def uri_in(folder: Path, name: str = "train.py") -> str:
    """The address of a file."""
    return (folder / name).as_uri()


async def show(client: Editor, uri: str, text: str, version: int) -> list[types.Diagnostic]:
    """Open or replace a text; gives the diagnostics that are pushed for it."""
    if version == 1:
        client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", version, text))
        )
    else:
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )
    before = len(client.pushed)

    def answers() -> list[types.PublishDiagnosticsParams]:
        return [params for params in client.pushed[before:] if (params.uri, params.version) == (uri, version)]

    await client.until(lambda: bool(answers()))
    return list(answers()[0].diagnostics)


def place_of(range: types.Range) -> tuple[int, int, int, int]:
    """Four numbers."""
    return range.start.line, range.start.character, range.end.line, range.end.character


async def test_a_finding_its_hover_and_its_fix(client: Editor, tmp_path: Path) -> None:
    uri = uri_in(tmp_path)
    (found,) = await show(client, uri, HAZARD, 1)
    assert (found.code, found.severity, found.source) == ("GG101", types.DiagnosticSeverity.Error, "gradguard")
    assert place_of(found.range) == WRITE
    assert found.code_description is not None
    assert found.code_description.href.endswith("GG101.md")
    related = found.related_information or ()
    assert [(each.location.uri, place_of(each.location.range)) for each in related] == [(uri, SAVE), (uri, BACKWARD)]

    document = types.TextDocumentIdentifier(uri)
    hover = await client.text_document_hover_async(types.HoverParams(document, found.range.start))
    assert hover is not None
    assert hover.contents.value.startswith("**GG101")
    assert place_of(hover.range) == WRITE

    actions = await client.text_document_code_action_async(
        types.CodeActionParams(document, found.range, types.CodeActionContext([found]))
    )
    (best,) = [action for action in actions or () if action.is_preferred]
    assert best.kind == types.CodeActionKind.QuickFix
    if best.edit is None:
        best = await client.code_action_resolve_async(best)
    assert best.edit is not None
    if client.capabilities.workspace.workspace_edit.document_changes:
        (change,) = best.edit.document_changes or ()
        assert (change.text_document.uri, change.text_document.version) == (uri, 1)
        changed = change.edits
    else:
        changed = (best.edit.changes or {})[uri]
    edits = [Edit(Place(uri, Range(*place_of(edit.range))), edit.new_text) for edit in changed]
    assert await show(client, uri, applied(HAZARD, edits), 2) == []


async def test_closing_withdraws_and_opening_again_shows(client: Editor, tmp_path: Path) -> None:
    uri = uri_in(tmp_path)
    assert await show(client, uri, HAZARD, 1)
    before = len(client.pushed)
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await client.until(lambda: len(client.pushed) > before)
    params = client.pushed[before]
    assert (params.uri, tuple(params.diagnostics)) == (uri, ())
    assert [found.code for found in await show(client, uri, HAZARD, 1)] == ["GG101"]


async def test_half_typed_text_keeps_what_stands_elsewhere(client: Editor, tmp_path: Path) -> None:
    uri = uri_in(tmp_path)
    assert await show(client, uri, HAZARD, 1)
    (found,) = await show(client, uri, f"def broken(:\n{HAZARD}", 2)
    assert place_of(found.range) == (5, 0, 5, 6)
    assert await show(client, uri, HAZARD.replace("y += 1", "y +="), 3) == []


async def test_pulled_diagnostics_are_not_pushed_too(client: Editor, tmp_path: Path) -> None:
    uri = uri_in(tmp_path)
    pushed = await show(client, uri, HAZARD, 1)
    pull = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
    report = await client.text_document_diagnostic_async(pull)
    assert list(report.items) == pushed
    assert list(client.diagnostics[uri]) == []
    pull.previous_result_id = report.result_id
    again = await client.text_document_diagnostic_async(pull)
    assert (again.kind, again.result_id) == ("unchanged", report.result_id)


async def test_highlights_join_the_three_places(client: Editor, tmp_path: Path) -> None:
    uri = uri_in(tmp_path)
    await show(client, uri, HAZARD, 1)
    for line, column, _, _ in (WRITE, SAVE, BACKWARD):
        highlights = await client.text_document_document_highlight_async(
            types.DocumentHighlightParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
        )
        assert sorted(place_of(each.range) for each in highlights or ()) == sorted((WRITE, SAVE, BACKWARD))


async def test_a_cross_file_change_reaches_the_other_file(client: Editor, tmp_path: Path) -> None:
    helper, train = uri_in(tmp_path, "helper.py"), uri_in(tmp_path)
    assert await show(client, helper, "def grow(y):\n    return y + 1\n", 1) == []
    text = HAZARD.replace("y += 1", "grow(y)").replace("import torch", "import torch\nfrom helper import grow")
    assert await show(client, train, text, 1) == []
    await show(client, helper, "def grow(y):\n    y += 1\n    return y\n", 2)
    await client.until(lambda: bool(client.diagnostics.get(helper) or client.diagnostics.get(train)))


async def test_commands(client: Editor, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(HAZARD)
    uri = uri_in(tmp_path)
    await show(client, uri, CURED.replace("y = y + 1", "z = w * 2\nz += 1"), 1)

    async def run(command: str, *arguments: object) -> object:
        return await client.workspace_execute_command_async(types.ExecuteCommandParams(command, list(arguments)))

    summary = await run("gradguard.analyseWorkspace")
    assert (summary["files"], summary["errors"], summary["hints"]) == (2, 1, 1)  # type: ignore[index]
    (write,) = await run("gradguard.listWrites", {"uri": uri})  # type: ignore[misc]
    assert (write["uri"], write["verdict"], write["range"]["start"]) == (uri, "safe", {"line": 5, "character": 0})
    assert len(await run("gradguard.listWrites", {})) == 2  # type: ignore[arg-type]
    assert str(await run("gradguard.explainRule", {"code": "GG101"})).startswith("# saved-tensor-overwritten")
    assert await run("gradguard.explainRule", {"code": "GG000"}) is None
    timeline = await run("gradguard.timeline", {"uri": uri, "position": {"line": 5, "character": 0}})
    assert timeline["svg"].startswith("<svg")  # type: ignore[index]
    assert 'data-line="5"' in timeline["svg"]  # type: ignore[index]
    statistics = await run("gradguard.statistics")
    assert [each["version"] for each in statistics["documents"]] == [1]  # type: ignore[index]
