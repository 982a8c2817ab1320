"""A client that says exactly what a test wants, sense or nonsense, and sees every byte of the answer."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

SERVER = Path(__file__).parents[2] / "server"
SECONDS = 60
Json = dict[str, Any]


class NoAnswer(AssertionError):
    """What was waited for did not come."""


class Wire:
    """A server process and its two pipes."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "gradguard", "server"), **options: Any) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=options.pop("stderr", subprocess.PIPE),
            cwd=SERVER,
            **options,
        )
        self.errors: list[bytes] = []
        self.received: list[tuple[float, Json]] = []
        self._queue: queue.SimpleQueue[tuple[float, Json] | None] = queue.SimpleQueue()
        self._ids = 0
        threading.Thread(target=self._read, daemon=True).start()
        if self.process.stderr is not None:
            threading.Thread(target=self._read_errors, daemon=True).start()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()

    def initialize(self, capabilities: Mapping[str, Any] | None = None, **parameters: Any) -> Json:
        """Shake hands; gives the server's result."""
        answer = self.request(
            "initialize",
            {"processId": None, "rootUri": None, "capabilities": dict(capabilities or {}), **parameters},
        )
        self.notify("initialized", {})
        return answer["result"]

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def body(self, body: bytes) -> None:
        """Send a body with its header."""
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send(self, message: object) -> None:
        """Send JSON."""
        self.body(json.dumps(message).encode())

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object) -> int:
        """Send a request and do not wait for the answer."""
        self._ids += 1
        self.send({"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params})
        return self._ids

    def request(self, method: str, params: object) -> Json:
        """Send a request; gives the whole answer, result or error."""
        return self.answer(self.ask(method, params))

    def answer(self, identity: int | str | None) -> Json:
        """The answer to the request of that id."""
        return self.wait(lambda message: message.get("id", "") == identity and "method" not in message)

    def diagnostics(self, uri: str, version: int | None) -> list[Json]:
        """The diagnostics that are published for that version of a document."""

        def wanted(message: Json) -> bool:
            params = message.get("params", {})
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == uri
                and params.get("version") == version
            )

        found: list[Json] = self.wait(wanted)["params"]["diagnostics"]
        return found

    def wait(self, wanted: Callable[[Json], bool], seconds: float = SECONDS) -> Json:
        """The next message that is `wanted`; those before it are done with."""
        end = time.monotonic() + seconds
        while True:
            try:
                received = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise NoAnswer(f"nothing within {seconds} s; the log says: {b''.join(self.errors).decode()}") from None
            if received is None:
                raise NoAnswer(f"the server has ended: {b''.join(self.errors).decode()}")
            self.received.append(received)
            if wanted(received[1]):
                return received[1]

    def open(self, uri: str, text: str, version: int = 1) -> None:
        """Open a Python text."""
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Json) -> None:
        """Change an open text."""
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)},
        )

    def close(self, uri: str) -> None:
        """Close a text."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def shut_down(self) -> int:
        """End the server as the protocol says; gives its exit status."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(SECONDS)

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while line := stream.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                break
            body = stream.read(length)
            self._queue.put((time.perf_counter(), json.loads(body)))
        self._queue.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors.append(line)


def range_of(start_line: int, start: int, end_line: int, end: int) -> Json:
    """A range in the client's terms."""
    return {"start": {"line": start_line, "character": start}, "end": {"line": end_line, "character": end}}
