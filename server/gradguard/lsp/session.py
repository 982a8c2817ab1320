"""One client's session: what is open, what was published, and the answers to requests."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lsprotocol import types

from gradguard.lsp.actions import Actions
from gradguard.lsp.diagnostics import Diagnosed, diagnosed, diagnosed_problems
from gradguard.lsp.documents import Documents
from gradguard.lsp.engine import Engine
from gradguard.lsp.notebook import cell_of, change_of
from gradguard.lsp.uris import path_of
from gradguard.project.workspace import Workspace
from gradguard.rules.texts import language_of, texts_in
from gradguard.text.document import Encoding

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from gradguard.project.report import Report

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Session:
    """Handlers run on the event loop; what they ask of the workspace runs on the engine's thread, in order."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._engine = Engine(self._failed)
        self._loop = asyncio.get_running_loop()
        self._edits: dict[str, int] = {}  # how often each open text was changed
        self._published: dict[str, set[str]] = {}
        self._problems: frozenset[str] = frozenset()
        self._said: set[str] = set()
        self._pulled: set[str] = set()
        self.trace = types.TraceValue.Off

    def begin(self, params: types.InitializeParams, encoding: str) -> None:
        """The client has said what it is."""
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        workspace = Workspace([path_of(uri) for uri in folders], language=language_of(params.locale or "en"))
        self._documents = Documents(workspace, cast("Encoding", encoding))
        self._workspace = workspace
        self._actions = Actions(
            self._documents,
            versioned=_capable(params.capabilities, "workspace", "workspace_edit", "document_changes"),
            disabled=_capable(params.capabilities, "text_document", "code_action", "disabled_support"),
        )
        self._trace = params.trace or types.TraceValue.Off
        self._engine.start()
        self._engine.submit(_warm_up)

    def end(self) -> None:
        """The client has gone."""
        self._engine.stop()

    # Documents. The edit is queued before the handler returns, so that what comes later sees it.

    def open(self, params: types.DidOpenTextDocumentParams) -> None:
        """textDocument/didOpen"""
        item = params.text_document
        self._edit(path_of(item.uri), lambda: self._documents.open(item.uri, item.text, item.version), opens=True)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """textDocument/didChange"""
        uri, version = params.text_document.uri, params.text_document.version
        changes = [change_of(event, self._encoding) for event in params.content_changes]
        self._edit(path_of(uri), lambda: self._documents.change(uri, changes, version))

    def close(self, params: types.DidCloseTextDocumentParams) -> None:
        """textDocument/didClose"""
        uri = params.text_document.uri
        self._close(path_of(uri), lambda: self._documents.close(uri))

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """notebookDocument/didOpen"""
        notebook = params.notebook_document
        texts = {item.uri: item for item in params.cell_text_documents}
        cells = [cell_of(texts[cell.document]) for cell in notebook.cells if cell.document in texts]
        self._edit(
            path_of(notebook.uri),
            lambda: self._documents.open_notebook(notebook.uri, cells, notebook.version),
            opens=True,
        )

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """notebookDocument/didChange"""
        notebook, event = params.notebook_document, params.change.cells
        self._edit(
            path_of(notebook.uri), lambda: self._documents.change_notebook(notebook.uri, event, notebook.version)
        )

    def close_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """notebookDocument/didClose"""
        uri = params.notebook_document.uri
        self._close(path_of(uri), lambda: self._documents.close_notebook(uri))

    @property
    def _encoding(self) -> Encoding:
        return self._documents.encoding

    def _edit(self, path: str, edit: Callable[[], None], *, opens: bool = False) -> None:
        if not opens and path not in self._edits:
            logger.warning("ignored a change of %s, which is not open", path)
            return
        self._edits[path] = number = self._edits.get(path, 0) + 1
        self._engine.edit(path, edit).add_done_callback(self._note_failure)
        self._engine.analyse(path, lambda: self._analyse(path, number))

    def _close(self, path: str, close: Callable[[], None]) -> None:
        if self._edits.pop(path, None) is None:
            logger.warning("ignored the closing of %s, which is not open", path)
            return
        self._engine.edit(path, close).add_done_callback(self._note_failure)
        for uri in self._published.pop(path, ()):
            self._publish(Diagnosed(uri, 0, ()), version=None)
        self._engine.analyse(f"after {path}", lambda: self._refresh(self._workspace.refresh(path)))

    # Analyses, on the engine's thread.

    def _analyse(self, path: str, number: int) -> None:
        begun = time.perf_counter()
        report = self._workspace.report(path)
        if report is None:
            return
        documents = diagnosed(report, self._documents)
        self._log_analysis(report, time.perf_counter() - begun)
        self._call(self._publish_all, path, number, documents)
        self._report_problems()
        self._engine.analyse(f"after {path}", lambda: self._refresh(self._workspace.refresh(path)))

    def _refresh(self, reports: Iterator[Report]) -> None:
        """Publish what changed in other files, one at a time."""
        for report in reports:
            self._call(
                self._publish_all, report.path, self._edits.get(report.path, 0), diagnosed(report, self._documents)
            )

    def _log_analysis(self, report: Report, seconds: float) -> None:
        run = len(report.reanalysed)
        self.log(f"analysed {report.path} v{report.version} in {seconds * 1000:.0f} ms: {run} run again")
        for line in report.log:
            self.log(f"{report.path}: {line}", types.MessageType.Debug)

    def _report_problems(self) -> None:
        problems = self._workspace.configuration_problems()
        self._call(self._publish_problems, diagnosed_problems(problems, self._documents))
        for problem in problems:
            if problem.place is None and problem.message not in self._said:
                self._said.add(problem.message)
                self.log(f"configuration: {problem.message}", types.MessageType.Warning)

    def _failed(self, path: str, error: Exception) -> None:
        """An analysis has crashed: say so, and show nothing that may be wrong by now."""
        text = "".join(traceback.format_exception(error))
        self.log(f"the analysis of {path} failed:\n{text}", types.MessageType.Error)
        source = self._workspace.source(path)
        if source is not None:
            empty = tuple(Diagnosed(shown.uri, shown.version, ()) for shown in self._documents.shown(path))
            self._call(self._publish_all, path, self._edits.get(path, 0), empty)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        """Have `function` called on the event loop."""
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            logger.debug("the loop has ended")

    # Publishing, on the event loop.

    def _publish_all(self, path: str, number: int, documents: tuple[Diagnosed, ...]) -> None:
        if self._edits.get(path) != number:
            return  # of an older text
        uris = {document.uri for document in documents}
        for gone in self._published.get(path, set()) - uris:
            self._publish(Diagnosed(gone, 0, ()), version=None)
        self._published[path] = uris
        for document in documents:
            if document.uri not in self._pulled:
                self._publish(document, version=document.version)

    def _publish(self, document: Diagnosed, version: int | None) -> None:
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(document.uri, list(document.items), version)
        )

    def _publish_problems(self, problems: Mapping[str, tuple[types.Diagnostic, ...]]) -> None:
        for uri in self._problems - set(problems):
            self._publish(Diagnosed(uri, 0, ()), version=None)
        for uri, items in problems.items():
            self._publish(Diagnosed(uri, 0, items), version=None)
        self._problems = frozenset(problems)

    def log(self, text: str, kind: types.MessageType = types.MessageType.Log) -> None:
        """Write a line to the client's log."""
        self._call(self._server.window_log_message, types.LogMessageParams(kind, text))

    def _note_failure(self, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            self.log("".join(traceback.format_exception(error)), types.MessageType.Error)

    # Requests.

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """textDocument/hover"""
        return await self._ask(params.text_document.uri, lambda report: self._hover(params, report))

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        """textDocument/codeAction"""
        uri, only = params.text_document.uri, params.context.only
        names = None if only is None else [str(getattr(kind, "value", kind)) for kind in only]
        return await self._ask(
            uri, lambda report: self._actions.at(self._documents.place(uri, params.range), report, names)
        )

    async def _ask(self, uri: str, answer: Callable[[Report], T]) -> T | None:
        """What `answer` makes of the report on the document `uri`; None if there is no such document."""

        def job() -> T | None:
            report = self._workspace.report(self._documents.path(uri))
            return None if report is None else answer(report)

        return await asyncio.wrap_future(self._engine.submit(job, path_of(uri)))

    def _hover(self, params: types.HoverParams, report: Report) -> types.Hover | None:
        from gradguard.explain.hover import hover_at

        path, line, column = self._documents.position(params.text_document.uri, params.position)
        hover = hover_at(path, line, column, report.findings, report.writes, texts_in(report.language))
        if hover is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, hover.markdown)
        return types.Hover(content, self._documents.location(hover.place).range)


def _warm_up() -> None:
    """Import what the first analysis needs while the client is still getting ready."""
    import gradguard.interpreter.analysis  # noqa: F401


def _capable(capabilities: object, *names: str) -> bool:
    """Whether the client has the capability with this path."""
    for name in names:
        capabilities = getattr(capabilities, name, None)
    return bool(capabilities)
