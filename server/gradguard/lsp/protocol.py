"""JSON-RPC and LSP's life cycle over pygls: every message gets through on its own, or is answered with an error.

pygls keeps documents of its own; here only the workspace does, so the notifications about documents go straight to the
server's handlers.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final

from cattrs.errors import BaseValidationError
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from gradguard.lsp.encoded import Encoded, encoded, object_of

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)

_HERE: Final = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)

_CAPABILITIES: Final = {
    "workspace": (
        "configuration",
        "diagnostics",
        "didChangeConfiguration",
        "didChangeWatchedFiles",
        "fileOperations",
        "workspaceEdit",
    ),
    "textDocument": ("codeAction", "synchronization"),
    "notebookDocument": ("synchronization",),
    "window": ("workDoneProgress",),
    "general": ("positionEncodings",),
}
"""Those of the client that are looked at, here or by pygls. Editors list hundreds, and for each kind of object in the list
attrs and cattrs would write and compile code first."""


class Protocol(LanguageServerProtocol):
    """One connection. `exit` is called with the process' status when the client says so."""

    exit: Callable[[int], None]

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self._initialized = False
        for method in _HERE:
            self.fm.builtin_features.pop(method, None)

    def agreed_encoding(self) -> str:
        """The unit in which columns are counted."""
        encoding = self.workspace.position_encoding
        return str(getattr(encoding, "value", encoding))

    def serve(self, method: str, handler: Callable[..., Any], options: object = None) -> None:
        """Let `handler` (a bound method, which pygls' decorators cannot mark) take what comes for `method`."""
        self.fm.features[method] = handler
        if options is not None:
            self.fm.feature_options[method] = options

    def receive(self, body: bytes) -> None:
        """Handle one message as it came."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            self.refuse(None, JsonRpcParseError(f"not JSON: {error}"))
            return
        if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self.refuse(_id_of(data), JsonRpcInvalidRequest('no object with "jsonrpc": "2.0"'))
            return
        try:
            self._check(data)
            message = self.structure_message(data)
        except JsonRpcException as error:
            if "method" in data and "id" not in data:
                logger.warning("ignored a notification: %s", error)
            else:
                self.refuse(_id_of(data), error)
            return
        self.handle_message(message)

    def refuse(self, identity: int | str | None, error: JsonRpcException) -> None:
        """Answer with an error."""
        logger.warning("refused a message: %s", error)
        # Not through lsprotocol's type, which leaves out an `id` of null.
        answer = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": identity, "error": answer})

    def publish(self, uri: str, diagnostics: Encoded, version: int | None) -> None:
        """Notify the client of the diagnostics of a document: most of what is written, and so put together at once."""
        method = types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
        document = f'"uri":{encoded(uri)}' if version is None else f'"uri":{encoded(uri)},"version":{version}'
        begin = f'{{"jsonrpc":"{self.VERSION}","method":"{method}","params":{{{document},"diagnostics":'
        self._write(begin, diagnostics, "}}")

    def _send_data(self, data: Any) -> None:
        """Write a message; in place of an answer that cannot be written an error, so that nobody waits for ever."""
        try:
            result = getattr(data, "result", None)
            if isinstance(result, Encoded):
                body: str = object_of({"jsonrpc": self.VERSION, "id": data.id, "result": result})
            else:
                body = json.dumps(data, default=self._serialize_message)
        except Exception as error:
            logger.exception("cannot write a message")
            identity = getattr(data, "id", None)
            if identity is not None:
                self.refuse(identity, JsonRpcInternalError(f"the answer cannot be written: {error}"))
            return
        self._write(body)

    def _write(self, *body: str) -> None:
        """Write a message that consists of these parts."""
        # JSON's escapes keep it ASCII: as many bytes as characters.
        message = "".join((f"Content-Length: {sum(map(len, body))}\r\n\r\n", *body))
        try:
            self.writer.write(message.encode("ascii"))  # type: ignore[union-attr]
        except (OSError, ValueError):
            self.exit(1)  # the client has gone

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as an object. Raises JsonRpcException."""
        if "method" not in data and _id_of(data) not in self._request_futures:
            raise JsonRpcInvalidRequest("an answer to no question")
        if data.get("method") == types.INITIALIZE and isinstance(params := data["params"], dict):
            data["params"] = {**params, "capabilities": _looked_at(params.get("capabilities"))}
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            cause = error.__cause__
            raise JsonRpcInvalidParams(f"{data.get('method', 'answer')}: {_innermost(cause)}") from cause

    def _check(self, data: dict[str, Any]) -> None:
        """Raises JsonRpcException for what comes at the wrong time or is no message at all."""
        if "id" in data and _id_of(data) is None:
            raise JsonRpcInvalidRequest("`id` must be a string or an integer")
        if "method" not in data:
            if ("result" in data) == ("error" in data):
                raise JsonRpcInvalidRequest("neither a request nor an answer")
            return
        method = data["method"]
        if not isinstance(method, str):
            raise JsonRpcInvalidRequest("`method` must be a string")
        if method == types.EXIT:
            data.pop("id", None)
        elif "id" in data and method != types.INITIALIZE and not self._initialized:
            raise JsonRpcServerNotInitialized(f"{method} before initialize")
        elif not self._initialized and method != types.INITIALIZE:
            raise JsonRpcInvalidRequest(f"{method} before initialize")
        elif method == types.INITIALIZE and (self._initialized or "id" not in data):
            raise JsonRpcInvalidRequest("initialize is the first request, and comes once")
        elif self._shutdown:
            raise JsonRpcInvalidRequest(f"{method} after shutdown")
        elif "id" in data and data["id"] in self._request_futures:
            raise JsonRpcInvalidRequest(f"the id {data['id']!r} is in use")
        data.setdefault("params", None)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """As in pygls; requests are served from now on."""
        result = yield from super().lsp_initialize(params)
        self._initialized = True
        return result

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> Any:
        """The process ends, with status 0 if `shutdown` came before."""
        self.exit(0 if self._shutdown else 1)


def _looked_at(capabilities: object) -> object:
    """The client's `capabilities` without those that make no difference. What is no object is left to be refused."""
    if not isinstance(capabilities, dict):
        return capabilities
    return {
        group: {name: each for name, each in members.items() if name in names} if isinstance(members, dict) else members
        for group, names in _CAPABILITIES.items()
        if (members := capabilities.get(group)) is not None
    }


def _id_of(data: object) -> int | str | None:
    identity = data.get("id") if isinstance(data, dict) else None
    return identity if isinstance(identity, (int, str)) and not isinstance(identity, bool) else None


def _innermost(error: BaseException | None) -> BaseException | None:
    """The first plain error in cattrs' nest of groups."""
    while isinstance(error, BaseValidationError) and error.exceptions:
        error = error.exceptions[0]
    return error
