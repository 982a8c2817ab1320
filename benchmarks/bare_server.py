"""The floor under every server of this kind: pygls, doing nothing but answering each text with no diagnostics."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "0")


def publish(uri: str, version: int) -> None:
    """Nothing is wrong."""
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, [], version))


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(params: types.DidOpenTextDocumentParams) -> None:
    """A text is open."""
    publish(params.text_document.uri, params.text_document.version)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidChangeTextDocumentParams) -> None:
    """A text has changed."""
    publish(params.text_document.uri, params.text_document.version)


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hovered(_: types.HoverParams) -> None:
    """Nothing to say."""


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def asked(_: types.CodeActionParams) -> list[types.CodeAction]:
    """Nothing to do."""
    return []


if __name__ == "__main__":
    server.start_io()
