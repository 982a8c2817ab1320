"""What no client should send: each message costs an error at most, and the server serves on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lsp.programs import HAZARD
from tests.lsp.wire import Wire, range_of

URI = "file:///nowhere/malformed.py"
PARSE, REQUEST, METHOD, PARAMS = -32700, -32600, -32601, -32602

DOCUMENT = {"textDocument": {"uri": URI}}
POSITION = {"line": 4, "character": 0}
NOTEBOOK = {"uri": "x:never-opened", "version": 1}
NOWHERE = {"textDocument": {"uri": "file:///nowhere/never-opened.py"}}


def request(method: Any, params: Any = None, **more: Any) -> bytes:
    """The body of a request with id 1000."""
    return json.dumps({"jsonrpc": "2.0", "id": 1000, "method": method, "params": params, **more}).encode()


def notification(method: Any, params: Any = None, **more: Any) -> bytes:
    """The body of a notification."""
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()


def change(*changes: Any, version: Any = 2, uri: Any = URI) -> bytes:
    """The body of a change."""
    return notification(
        "textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)}
    )


def command(name: str, argument: Any) -> bytes:
    """The body of a request to run a command."""
    return request("workspace/executeCommand", {"command": f"gradguard.{name}", "arguments": [argument]})


def actions_in(range: Any) -> bytes:
    """The body of a request for code actions."""
    return request("textDocument/codeAction", {**DOCUMENT, "range": range, "context": {"diagnostics": []}})


def opened(**item: Any) -> bytes:
    """The body of a didOpen."""
    return notification("textDocument/didOpen", {"textDocument": item})


# Bodies that are answered with an error: what is wrong, the body, the error's code, the id of the answer.
REFUSED = [
    ("no JSON", b"nonsense", PARSE, None),
    ("half of JSON", b'{"jsonrpc": "2.0", "id": 1', PARSE, None),
    ("not UTF-8", b'{"jsonrpc": "2.0", "method": "\xff\xfe"}', PARSE, None),
    ("only blanks", b"    ", PARSE, None),
    ("nested too deeply", b"[" * 100_000, PARSE, None),
    ("a string", b'"initialize"', REQUEST, None),
    ("a number", b"12", REQUEST, None),
    ("null", b"null", REQUEST, None),
    ("an empty list", b"[]", REQUEST, None),
    ("a batch", b"[" + request("shutdown") + b"]", REQUEST, None),
    ("an empty object", b"{}", REQUEST, None),
    ("no jsonrpc", json.dumps({"id": 1000, "method": "shutdown"}).encode(), REQUEST, 1000),
    ("another jsonrpc", request("shutdown", jsonrpc="1.0"), REQUEST, 1000),
    ("jsonrpc as number", request("shutdown", jsonrpc=2.0), REQUEST, 1000),
    ("nothing but jsonrpc", b'{"jsonrpc": "2.0"}', REQUEST, None),
    ("only an id", b'{"jsonrpc": "2.0", "id": 1000}', REQUEST, 1000),
    ("an id of null", request("shutdown", id=None), REQUEST, None),
    ("an id that is a list", request("shutdown", id=[1]), REQUEST, None),
    ("an id that is an object", request("shutdown", id={"a": 1}), REQUEST, None),
    ("an id that is true", request("shutdown", id=True), REQUEST, None),
    ("an id that is a fraction", request("shutdown", id=1.5), REQUEST, None),
    ("a method that is a number", request(7), REQUEST, 1000),
    ("a method that is null", request(None), REQUEST, 1000),
    ("a method that is an object", request({"jsonrpc": "2.0"}), REQUEST, 1000),
    ("an empty method", request(""), METHOD, 1000),
    ("an unknown method", request("textDocument/teleport"), METHOD, 1000),
    ("an unknown protocol method", request("$/teleport"), METHOD, 1000),
    ("a method that is not served", request("textDocument/completion", {**DOCUMENT, "position": POSITION}), METHOD, 1000),
    ("initialize again", request("initialize", {"processId": None, "capabilities": {}}), REQUEST, 1000),
    ("result and error at once", b'{"jsonrpc": "2.0", "id": 1000, "result": 1, "error": {}}', REQUEST, 1000),
    ("an answer to no question", b'{"jsonrpc": "2.0", "id": "x", "result": 1}', REQUEST, "x"),
    ("an error to no question", b'{"jsonrpc": "2.0", "id": "x", "error": {"code": 1, "message": ""}}', REQUEST, "x"),
    ("hover without params", request("textDocument/hover"), PARAMS, 1000),
    ("hover with a list", request("textDocument/hover", [1, 2]), PARAMS, 1000),
    ("hover with a string", request("textDocument/hover", "here"), PARAMS, 1000),
    ("hover without position", request("textDocument/hover", DOCUMENT), PARAMS, 1000),
    ("hover without document", request("textDocument/hover", {"position": POSITION}), PARAMS, 1000),
    ("a line in words", request("textDocument/hover", {**DOCUMENT, "position": {"line": "a", "character": 0}}), PARAMS, 1000),
    ("a line that is a list", request("textDocument/hover", {**DOCUMENT, "position": {"line": [], "character": 0}}), PARAMS, 1000),
    ("a position that is a number", request("textDocument/hover", {**DOCUMENT, "position": 4}), PARAMS, 1000),
    ("a document that is a string", request("textDocument/hover", {"textDocument": URI, "position": POSITION}), PARAMS, 1000),
    ("actions without a range", request("textDocument/codeAction", {**DOCUMENT, "context": {"diagnostics": []}}), PARAMS, 1000),
    ("actions without a context", request("textDocument/codeAction", {**DOCUMENT, "range": range_of(0, 0, 0, 0)}), PARAMS, 1000),
    ("an unknown command", request("workspace/executeCommand", {"command": "gradguard.teleport"}), PARAMS, 1000),
    ("a command without a name", request("workspace/executeCommand", {}), PARAMS, 1000),
    ("a command with a string", command("listWrites", "x"), PARAMS, 1000),
    ("a command without its code", request("workspace/executeCommand", {"command": "gradguard.explainRule"}), PARAMS, 1000),
    ("a rule that is a number", command("explainRule", {"code": 3}), PARAMS, 1000),
]  # fmt: skip

# Requests that are odd, and answered all the same.
ODD = [
    ("far below the text", request("textDocument/hover", {**DOCUMENT, "position": {"line": 10**6, "character": 0}})),
    ("far right of the text", request("textDocument/hover", {**DOCUMENT, "position": {"line": 4, "character": 10**6}})),
    ("hover in a text that is not open", request("textDocument/hover", {**NOWHERE, "position": POSITION})),
    ("pull of a text that is not open", request("textDocument/diagnostic", NOWHERE)),
    ("a reversed range", actions_in(range_of(4, 3, 1, 0))),
    ("a range outside", actions_in(range_of(900, 3, 901, 0))),
    ("highlights outside", request("textDocument/documentHighlight", {**DOCUMENT, "position": {"line": 99, "character": 9}})),
    ("an address that is none", request("textDocument/hover", {"textDocument": {"uri": "::%%%"}, "position": POSITION})),
    ("an empty address", request("textDocument/hover", {"textDocument": {"uri": ""}, "position": POSITION})),
    ("an address with a null byte", request("textDocument/hover", {"textDocument": {"uri": "file:///a%00b.py"}, "position": POSITION})),
    ("the address of a folder", request("textDocument/hover", {"textDocument": {"uri": "file:///"}, "position": POSITION})),
    ("members nobody knows", request("textDocument/hover", {**DOCUMENT, "position": POSITION, "mood": "good"}, mood="bad")),
    ("an id that is text", request("textDocument/hover", {**DOCUMENT, "position": POSITION}, id="ten")),
    ("an object that looks like a message", command("statistics", {"jsonrpc": "2.0"})),
]  # fmt: skip

# What is passed over: notifications have no answer.
PASSED_OVER = [
    ("an unknown notification", notification("textDocument/didTeleport")),
    ("an unknown protocol notification", notification("$/teleport")),
    ("a change before open", change({"text": ""}, uri="file:///nowhere/never-opened.py")),
    ("a close before open", notification("textDocument/didClose", NOWHERE)),
    ("a change without changes", notification("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}})),
    ("a change without version", notification("textDocument/didChange", {**DOCUMENT, "contentChanges": []})),
    ("a version in words", change({"text": ""}, version="two")),
    ("a change that is a string", change("y")),
    ("a change without text", change({"range": range_of(0, 0, 0, 1)})),
    ("a change whose text is a number", change({"text": 5})),
    ("a change whose range is a number", change({"range": 5, "text": ""})),
    ("didOpen without text", opened(uri=URI, languageId="python", version=1)),
    ("didOpen without address", opened(languageId="python", version=1, text="")),
    ("didOpen with a list as text", opened(uri=URI, languageId="python", version=1, text=["a"])),
    ("didOpen with nothing", notification("textDocument/didOpen")),
    ("cancelling what was never asked", notification("$/cancelRequest", {"id": 4321})),
    ("cancelling nothing", notification("$/cancelRequest", {})),
    ("cancelling with a list", notification("$/cancelRequest", {"id": [1]})),
    ("a trace that is none", notification("$/setTrace", {"value": "loud"})),
    ("settings that are a string", notification("workspace/didChangeConfiguration", {"settings": "all"})),
    ("settings that are a list", notification("workspace/didChangeConfiguration", {"settings": [1]})),
    ("settings that make no sense", notification("workspace/didChangeConfiguration", {"settings": {"gradguard": {"select": 5}}})),
    ("files that changed nowhere", notification("workspace/didChangeWatchedFiles", {"changes": [{"uri": "::", "type": 9}]})),
    ("a notebook change before open", notification("notebookDocument/didChange", {"notebookDocument": NOTEBOOK, "change": {}})),
    ("a notebook close before open", notification("notebookDocument/didClose", {"notebookDocument": NOTEBOOK, "cellTextDocuments": []})),
    ("a notification named initialize", notification("initialize", {"processId": None, "capabilities": {}})),
    ("initialized again", notification("initialized", {})),
    ("a cancelled progress", notification("window/workDoneProgress/cancel", {"token": "none"})),
]  # fmt: skip

# Bytes that are no message at all.
NOISE = [
    ("a length of zero", b"Content-Length: 0\r\n\r\n"),
    ("a negative length", b"Content-Length: -5\r\n\r\n"),
    ("a length in words", b"Content-Length: many\r\n\r\n"),
    ("a length beyond all bounds", b"Content-Length: 99999999999\r\n\r\n"),
    ("a header without a length", b"Content-Type: application/vscode-jsonrpc\r\n\r\n"),
    ("a line that is no header", b"hello\r\n\r\n"),
    ("empty lines", b"\r\n\r\n\r\n"),
    ("a header that is not ASCII", b"\xff\xfe: 1\r\n\r\n"),
]


@pytest.fixture(scope="module", autouse=True)
def _document(wire: Wire) -> None:
    wire.open(URI, HAZARD)


def assert_serves(wire: Wire) -> None:
    """The server still knows the text, and what is wrong with it."""
    answer = wire.request("textDocument/hover", {**DOCUMENT, "position": POSITION})
    assert "GG101" in answer["result"]["contents"]["value"]


@pytest.mark.parametrize(
    ("body", "code", "identity"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_an_error_is_the_answer(wire: Wire, body: bytes, code: int, identity: int | str | None) -> None:
    wire.body(body)
    answer = wire.wait(lambda message: "error" in message)
    assert (answer["id"], answer["error"]["code"]) == (identity, code)
    assert_serves(wire)


@pytest.mark.parametrize("body", [case[1] for case in ODD], ids=[case[0] for case in ODD])
def test_odd_requests_are_answered(wire: Wire, body: bytes) -> None:
    wire.body(body)
    answer = wire.answer(json.loads(body)["id"])
    assert "result" in answer
    assert_serves(wire)


@pytest.mark.parametrize("body", [case[1] for case in PASSED_OVER], ids=[case[0] for case in PASSED_OVER])
def test_notifications_are_passed_over(wire: Wire, body: bytes) -> None:
    wire.received.clear()
    wire.body(body)
    assert_serves(wire)
    assert not [message for _, message in wire.received if "error" in message and message["id"] is None]


@pytest.mark.parametrize("data", [case[1] for case in NOISE], ids=[case[0] for case in NOISE])
def test_noise_between_messages(wire: Wire, data: bytes) -> None:
    wire.raw(data)
    assert_serves(wire)


def test_headers_of_any_case_and_order(wire: Wire) -> None:
    body = request("textDocument/hover", {**DOCUMENT, "position": POSITION})
    wire.raw(b"content-type: x; charset=utf-8\r\nCONTENT-LENGTH:%d\r\n\r\n%s" % (len(body), body))
    assert "GG101" in wire.answer(1000)["result"]["contents"]["value"]


@pytest.mark.parametrize(
    "changed", [range_of(4, 6, 4, 0), range_of(900, 0, 901, 5), range_of(4, 500, 4, 600)], ids=["reversed", "below", "right"]
)  # fmt: skip
def test_ranges_outside_move_to_the_nearest_end(fresh: Wire, changed: dict[str, Any]) -> None:
    fresh.initialize()
    fresh.open(URI, HAZARD)
    fresh.change(URI, 2, {"range": changed, "text": ""})
    fresh.diagnostics(URI, 2)
    fresh.change(URI, 3, {"text": HAZARD})
    assert [item["code"] for item in fresh.diagnostics(URI, 3)] == ["GG101"]


def test_before_initialize(fresh: Wire) -> None:
    answer = fresh.request("textDocument/hover", {**DOCUMENT, "position": POSITION})
    assert answer["error"]["code"] == -32002
    fresh.open(URI, HAZARD)
    fresh.body(b"nonsense")
    assert fresh.wait(lambda message: "error" in message)["error"]["code"] == PARSE
    assert fresh.initialize()["serverInfo"]["name"] == "gradguard"


def test_capabilities_count_only_where_they_are_looked_at(fresh: Wire) -> None:
    for odd in (None, 5, {"general": 5}, {"general": {"positionEncodings": 5}}):
        answer = fresh.request("initialize", {"processId": None, "capabilities": odd})
        assert answer["error"]["code"] == PARAMS
    odd = {"textDocument": {"hover": 5, "completion": []}, "window": {"showMessage": "loud"}, "mood": 5}
    assert fresh.initialize(odd)["serverInfo"]["name"] == "gradguard"


def test_after_shutdown(fresh: Wire) -> None:
    fresh.initialize()
    fresh.request("shutdown", None)
    answer = fresh.request("textDocument/hover", {**DOCUMENT, "position": POSITION})
    assert answer["error"]["code"] == REQUEST
    fresh.notify("exit", None)
    assert fresh.process.wait(30) == 0
