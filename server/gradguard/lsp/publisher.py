"""What the client is shown: diagnostics pushed with the version they are of, until the client pulls them itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gradguard.lsp.diagnostics import Diagnosed, Said
from gradguard.lsp.encoded import Encoded
from gradguard.lsp.protocol import Protocol

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer


class Publisher:
    """To be used on the event loop. Texts go by their path, the documents as which they are shown by their URI."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._shown: dict[str, set[str]] = {}
        self._pulled: dict[str, str] = {}  # URI to the result that the client has
        self._problems: Mapping[str, tuple[Encoded, ...]] = {}
        self.refreshes = False
        """Whether the client can be asked to pull again."""

    def publish(self, path: str, documents: Iterable[Diagnosed]) -> None:
        """Show the diagnostics of the text at `path`."""
        documents = tuple(documents)
        uris = {document.uri for document in documents}
        for gone in self._shown.get(path, set()) - uris:
            self._push(gone, Said())
        self._shown[path] = uris
        for document in documents:
            if document.uri not in self._pulled:
                self._push(document.uri, document.said, document.version or None)

    def withdraw(self, path: str) -> None:
        """Show nothing of the text at `path` any more."""
        for uri in self._shown.pop(path, ()):
            self._pulled.pop(uri, None)
            self._push(uri, Said())

    def publish_problems(self, problems: Mapping[str, tuple[Encoded, ...]]) -> None:
        """Show the mistakes in configuration files."""
        for uri in self._problems.keys() - problems.keys():
            self._push(uri, Said())
        for uri, items in problems.items():
            if self._problems.get(uri) != items:
                self._push(uri, Said(items))
        self._problems = problems

    def pulls(self, uri: str) -> None:
        """The client asks for the diagnostics of `uri` itself: pushed ones would show twice."""
        if uri not in self._pulled:
            self._pulled[uri] = ""
            if any(uri in shown for shown in self._shown.values()):
                self._push(uri, Said())

    def answered(self, uri: str, result: str) -> None:
        """The client was given `result` for `uri`."""
        if uri in self._pulled:
            self._pulled[uri] = result

    def ask_to_pull_again(self, documents: Iterable[Diagnosed]) -> None:
        """Something else than an edit has changed `documents`: what the client has pulled of them is out of date."""
        outdated = [each for each in documents if self._pulled.get(each.uri, each.said.result) != each.said.result]
        if outdated and self.refreshes:
            self._server.workspace_diagnostic_refresh(None)

    def _push(self, uri: str, said: Said, version: int | None = None) -> None:
        protocol = self._server.protocol
        assert isinstance(protocol, Protocol)
        protocol.publish(uri, said.array, version)
