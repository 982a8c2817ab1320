"""The server: reads the client's messages, hands them to the session, and ends when the client does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcParseError
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer

from gradguard import __version__
from gradguard.lsp.actions import KINDS
from gradguard.lsp.commands import Commands
from gradguard.lsp.converter import strict_converter
from gradguard.lsp.protocol import Protocol
from gradguard.lsp.requests import Requests
from gradguard.lsp.session import Session
from gradguard.lsp.settings import Settings
from gradguard.lsp.stream import read_messages
from gradguard.lsp.watchdog import watch_parent

_PIPE_SIZE = 1 << 20
"""Bytes; the most that Linux grants everybody."""

_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage(language="python")]),
    ],
    save=False,
)


def serve(address: tuple[str, int] | None) -> int:
    """Serve one client, on standard input and output or (with `address`) the first that connects. Returns the exit status."""
    # The thread that reads and writes must not wait long for the one that computes.
    sys.setswitchinterval(0.0005)
    with _connection(address) as (incoming, outgoing):
        return asyncio.run(_serve(incoming, outgoing))


@contextlib.contextmanager
def _connection(address: tuple[str, int] | None) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    if address is not None:
        with socket.create_server(address) as listener:
            host, port = listener.getsockname()[:2]
            sys.stderr.write(f"listening on {host}:{port}\n")
            sys.stderr.flush()
            client, _ = listener.accept()
        with client, client.makefile("rb") as incoming, client.makefile("wb") as outgoing:
            try:
                yield incoming, outgoing
            finally:
                # Wakes the reader, which would keep its stream from being closed.
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
        return
    # Nothing but messages may reach the client: whatever prints, prints to the log.
    outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # The reader may still wait when the process ends; `sys.stdin` itself must not be locked then.
    incoming = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    _widen(outgoing)
    yield incoming, outgoing


def _widen(stream: BinaryIO) -> None:
    """Let a pipe hold a long message as a whole, where the system can do that: writing it need not wait for the client then."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


async def _serve(incoming: BinaryIO, outgoing: BinaryIO) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(status: int) -> None:
        if not ended.done():
            ended.set_result(status)

    server = LanguageServer(
        "gradguard",
        __version__,
        notebook_document_sync=_NOTEBOOKS,
        protocol_cls=Protocol,
        converter_factory=strict_converter,
    )
    protocol = server.protocol
    assert isinstance(protocol, Protocol)
    protocol.exit = end
    protocol.set_writer(StdoutWriter(outgoing))
    session = Session(server)
    _register(protocol, session, lambda: loop.call_soon_threadsafe(end, 1))

    def receive(body: bytes) -> None:
        loop.call_soon_threadsafe(protocol.receive, body)

    def refuse(reason: str) -> None:
        loop.call_soon_threadsafe(protocol.refuse, None, JsonRpcParseError(reason))

    def read() -> None:
        with contextlib.suppress(RuntimeError, OSError, ValueError):  # the loop has ended, or the stream
            try:
                read_messages(incoming, receive, refuse)
            finally:
                loop.call_soon_threadsafe(end, 1)

    threading.Thread(target=read, name="reader", daemon=True).start()
    try:
        return await ended
    finally:
        session.end()


def _register(protocol: Protocol, session: Session, parent_gone: Callable[[], object]) -> None:
    settings = Settings(session)
    requests = Requests(session, settings)
    commands = Commands(session)

    def initialize(params: types.InitializeParams) -> None:
        session.begin(params, protocol.agreed_encoding())
        settings.begin(params.initialization_options)
        requests.begin()
        if params.process_id is not None:
            watch_parent(params.process_id, parent_gone)
        if settings.of("").get("diagnosticMode") == "workspace":
            protocol.serve(types.WORKSPACE_DIAGNOSTIC, requests.workspace_diagnostics)

    async def initialized(params: types.InitializedParams) -> None:
        # Not announced but on request: VS Code would ask for all files of the workspace again and again.
        protocol.serve(types.WORKSPACE_DIAGNOSTIC, requests.workspace_diagnostics)
        await settings.initialized(params)

    protocol.serve(types.INITIALIZE, initialize)
    protocol.serve(types.INITIALIZED, initialized)
    protocol.serve(types.WORKSPACE_DID_CHANGE_CONFIGURATION, settings.changed)
    protocol.serve(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, settings.folders_changed)
    protocol.serve(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, settings.files_changed)

    protocol.serve(types.TEXT_DOCUMENT_DID_OPEN, session.open)
    protocol.serve(types.TEXT_DOCUMENT_DID_CHANGE, session.change)
    protocol.serve(types.TEXT_DOCUMENT_DID_CLOSE, session.close)
    protocol.serve(types.NOTEBOOK_DOCUMENT_DID_OPEN, session.open_notebook)
    protocol.serve(types.NOTEBOOK_DOCUMENT_DID_CHANGE, session.change_notebook)
    protocol.serve(types.NOTEBOOK_DOCUMENT_DID_CLOSE, session.close_notebook)

    actions = types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True)
    protocol.serve(types.TEXT_DOCUMENT_HOVER, requests.hover)
    protocol.serve(types.TEXT_DOCUMENT_CODE_ACTION, requests.code_actions, actions)
    protocol.serve(types.CODE_ACTION_RESOLVE, requests.resolve_code_action)
    protocol.serve(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, requests.highlights)
    protocol.serve(types.TEXT_DOCUMENT_INLAY_HINT, requests.inlay_hints, types.InlayHintOptions(resolve_provider=False))
    pull = types.DiagnosticOptions(identifier="gradguard", inter_file_dependencies=True, workspace_diagnostics=False)
    protocol.serve(types.TEXT_DOCUMENT_DIAGNOSTIC, requests.diagnostics, pull)
    protocol.fm.builtin_features[types.WORKSPACE_EXECUTE_COMMAND] = commands.execute
    protocol.fm.commands.update(commands.by_name)
