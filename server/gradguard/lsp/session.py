"""One client's session: what is open, and the analyses that follow what the client says."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lsprotocol import types

from gradguard.interpreter.budget import Interrupted
from gradguard.lsp.diagnostics import Diagnosed, Diagnostics, Said, diagnosed_problems
from gradguard.lsp.documents import Documents
from gradguard.lsp.engine import Engine
from gradguard.lsp.notebook import cell_of, change_of
from gradguard.lsp.publisher import Publisher
from gradguard.lsp.uris import path_of
from gradguard.project.workspace import Workspace
from gradguard.rules.texts import language_of
from gradguard.text.document import Encoding

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pygls.lsp.server import LanguageServer

    from gradguard.project.report import Report

T = TypeVar("T")
logger = logging.getLogger(__name__)


OBJECTS_BETWEEN_COLLECTIONS = 5_000
"""More than Python's 700, so that nearly always garbage is collected between keystrokes and not before an answer."""

SECONDS_BEFORE_FIXES = 1.0
"""From the first finding until what fixes need is loaded: when the editor has settled, before the user asks for one."""


class Session:
    """Handlers run on the event loop; what they ask of the workspace runs on the engine's thread, in order.

    `begin` comes first; `documents`, `diagnostics` and `workspace` are to be used on the engine's thread only.
    """

    documents: Documents
    diagnostics: Diagnostics
    workspace: Workspace
    capabilities: types.ClientCapabilities

    def __init__(self, server: LanguageServer) -> None:
        self.server = server
        self.publisher = Publisher(server)
        self._engine = Engine(self._failed, idle=_collect_garbage)
        self._loop = asyncio.get_running_loop()
        self._edits: dict[str, int] = {}  # how often each open text was changed
        self._count = 0
        self._said: set[str] = set()
        self._logs: dict[str, tuple[str, ...]] = {}  # of the last analysis of each text
        self._fixes_loaded = False
        self.durations: dict[str, float] = {}
        """Seconds that the last report on each text took."""

    def begin(self, params: types.InitializeParams, encoding: str) -> None:
        """The client has said what it is."""
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        self.capabilities = params.capabilities
        self.server.protocol.trace = params.trace or types.TraceValue.Off
        self.workspace = Workspace(
            [path_of(uri) for uri in folders],
            language=language_of(params.locale or "en"),
            interrupted=self._engine.interrupted,
        )
        self.documents = Documents(self.workspace, cast("Encoding", encoding))
        self.diagnostics = Diagnostics(self.documents)
        self.publisher.refreshes = self.capable("workspace", "diagnostics", "refresh_support")
        self._engine.start()
        self._engine.submit(_warm_up)

    def end(self) -> None:
        """The client has gone."""
        self._engine.stop()

    def capable(self, *names: str) -> bool:
        """Whether the client has the capability with this path."""
        found: object = self.capabilities
        for name in names:
            found = getattr(found, name, None)
        return bool(found)

    # Documents. The edit is queued before the handler returns, so that what comes later sees it.

    def open(self, params: types.DidOpenTextDocumentParams) -> None:
        """textDocument/didOpen"""
        item = params.text_document
        self._edit(path_of(item.uri), lambda: self.documents.open(item.uri, item.text, item.version), opens=True)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """textDocument/didChange"""
        uri, version = params.text_document.uri, params.text_document.version
        changes = [change_of(event, self.documents.encoding) for event in params.content_changes]
        self._edit(path_of(uri), lambda: self.documents.change(uri, changes, version))

    def close(self, params: types.DidCloseTextDocumentParams) -> None:
        """textDocument/didClose"""
        uri = params.text_document.uri
        self._close(path_of(uri), lambda: self.documents.close(uri))

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """notebookDocument/didOpen"""
        notebook = params.notebook_document
        texts = {item.uri: item for item in params.cell_text_documents}
        cells = [cell_of(texts[cell.document]) for cell in notebook.cells if cell.document in texts]
        self._edit(
            path_of(notebook.uri),
            lambda: self.documents.open_notebook(notebook.uri, cells, notebook.version),
            opens=True,
        )

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """notebookDocument/didChange"""
        notebook, event = params.notebook_document, params.change.cells
        self._edit(path_of(notebook.uri), lambda: self.documents.change_notebook(notebook.uri, event, notebook.version))

    def close_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """notebookDocument/didClose"""
        uri = params.notebook_document.uri
        self._close(path_of(uri), lambda: self.documents.close_notebook(uri))

    def _edit(self, path: str, edit: Callable[[], None], *, opens: bool = False) -> None:
        if not opens and path not in self._edits:
            logger.warning("ignored a change of %s, which is not open", path)
            return
        self._count += 1
        self._edits[path] = number = self._count
        self._engine.edit(path, edit).add_done_callback(self._note_failure)
        self._schedule(path, number)

    def _schedule(self, path: str, number: int, *, own: bool = True) -> None:
        self._engine.analyse(path, lambda: self._analyse(path, number, own=own))

    def _close(self, path: str, close: Callable[[], None]) -> None:
        if self._edits.pop(path, None) is None:
            logger.warning("ignored the closing of %s, which is not open", path)
            return
        self._engine.edit(path, close).add_done_callback(self._note_failure)
        self.publisher.withdraw(path)
        self._follow(path)

    # What changes from outside.

    def update(self, change: Callable[[], None]) -> None:
        """Let `change`, which alters files, folders or settings, happen, and look at every open text again."""

        def changing() -> None:
            self.documents.generation += 1
            change()

        self._engine.edit("", changing).add_done_callback(self._note_failure)
        for path, number in self._edits.items():
            self._schedule(path, number, own=False)

    # Requests.

    async def ask(self, uri: str, answer: Callable[[Report], T]) -> T | None:
        """What `answer` makes, on the engine's thread, of the report on the document `uri`; None if there is no such text."""

        def job() -> T | None:
            report = self.workspace.report(self.documents.path(uri))
            return None if report is None else answer(report)

        return await self.run(job, path_of(uri))

    async def run(self, job: Callable[[], T], path: str = "") -> T:
        """The result of `job`, run on the engine's thread in its turn."""
        return await asyncio.wrap_future(self._engine.submit(job, path))

    def paths(self) -> list[str]:
        """The open texts, then the Python files of all folders; to be called on the engine's thread."""
        files = (path for root in self.workspace.roots for path in self.workspace.python_files(root))
        return list(dict.fromkeys((*self.workspace.open_paths, *files)))

    # Analyses, on the engine's thread.

    def _analyse(self, path: str, number: int, *, own: bool = True) -> None:
        begun = time.perf_counter()
        report = self.workspace.report(path)
        if report is None:
            return
        self.durations[path] = seconds = time.perf_counter() - begun
        self.call(self._publish, path, number, self.diagnostics.of(report), own)
        self._log_analysis(report, seconds)
        self._report_problems()
        if own:
            self._follow(path)

    def _follow(self, path: str) -> None:
        """Have a look at what the last change to `path` bears on, when there is nothing else to do."""
        self._engine.analyse(f"after {path}", lambda: self._refresh(path, self.workspace.refresh(path)))

    def _refresh(self, path: str, reports: Iterator[Report]) -> None:
        try:
            for report in reports:
                documents = self.diagnostics.of(report)
                self.call(self._publish, report.path, self._edits.get(report.path, 0), documents, False)
                if self._engine.has_jobs:
                    self._engine.analyse(f"after {path}", lambda: self._refresh(path, reports))
                    return
        except Interrupted:
            self._follow(path)  # `reports` is at its end; another look finds what is left
            raise

    def _log_analysis(self, report: Report, seconds: float) -> None:
        entries = len(report.reanalysed)
        if not entries:
            return
        self.log(f"analysed {report.path} v{report.version} in {seconds * 1000:.1f} ms; entries run: {entries}")
        said = self._logs.get(report.path, ())
        self._logs[report.path] = report.log
        for line in report.log:
            if line not in said:
                self.log(f"{report.path}: {line}")
        trace = self.server.protocol.trace
        if trace != types.TraceValue.Off:
            verbose = "\n".join(report.reanalysed) if trace == types.TraceValue.Verbose else None
            self.call(self.server.log_trace, types.LogTraceParams(f"{report.path}: entries run: {entries}", verbose))

    def _report_problems(self) -> None:
        problems = self.workspace.configuration_problems()
        self.call(self.publisher.publish_problems, diagnosed_problems(problems, self.documents))
        for problem in problems:
            if problem.place is None and problem.message not in self._said:
                self._said.add(problem.message)
                self.log(f"configuration: {problem.message}", types.MessageType.Warning)

    def _failed(self, path: str, error: Exception) -> None:
        """An analysis has crashed: say so, and show nothing that may be wrong by now."""
        text = "".join(traceback.format_exception(error))
        self.log(f"the analysis of {path} failed, please report it:\n{text}", types.MessageType.Error)
        if self.workspace.is_open(path):
            empty = tuple(Diagnosed(shown.uri, shown.version, Said()) for shown in self.documents.shown(path))
            self.call(self._publish, path, self._edits.get(path, 0), empty, True)

    # Towards the client.

    def _publish(self, path: str, number: int, documents: tuple[Diagnosed, ...], own: bool) -> None:
        if self._edits.get(path) != number:
            return  # of an older text
        self.publisher.publish(path, documents)
        if not self._fixes_loaded and any(document.said.items for document in documents):
            self._fixes_loaded = True
            self._loop.call_later(SECONDS_BEFORE_FIXES, threading.Thread(target=_load_fixes, daemon=True).start)
        if not own:
            self.publisher.ask_to_pull_again(documents)

    def log(self, text: str, kind: types.MessageType = types.MessageType.Log) -> None:
        """Write a line to the client's log."""
        self.call(self.server.window_log_message, types.LogMessageParams(kind, text))

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Have `function` called on the event loop."""
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            logger.debug("the loop has ended")

    def _note_failure(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            self.log("".join(traceback.format_exception(error)), types.MessageType.Error)


def _warm_up() -> None:
    """Import what the first analysis needs while the client is still getting ready."""
    import gradguard.analysis.files  # noqa: F401

    # What is loaded stays: the collector need not look at it again.
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    gc.enable()


def _collect_garbage() -> None:
    """Look through what is new; what has lived longer is left to Python."""
    gc.collect(1)


def _load_fixes() -> None:
    """Import what fixes need, which takes as long as a cold start."""
    import gradguard.fixes.offer  # noqa: F401
    from gradguard.fixes.snippet import load_parser

    load_parser()
