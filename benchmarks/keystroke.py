"""How long an editor waits: `python -m benchmarks.keystroke [--lines 1000 3000 10000] [--rounds 40] [--peers FOLDER]`.

A client types in the middle of a deep-learning file and waits for the diagnostics of that very version, puts empty lines at its top
and takes them away again, asks for hovers and code actions, and measures a cold start (median / p95). With `--peers`, a folder with
other language servers' programs (a virtual environment's `bin`), these take turns with ours in the same run, as the machine's mood
changes.

Times are wall times at the client, in milliseconds. On a busy machine they are mostly waiting, so the processor time that the
server itself spent is there too: until the first diagnostics, and for a keystroke on average. Memory is the peak in MB.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.programs import program
from tests.lsp.wire import NoAnswer, Wire, range_of

OURS = (sys.executable, "-m", "gradguard", "server")
BARE = (sys.executable, str(Path(__file__).with_name("bare_server.py")))
PEERS = {
    "ruff": ("ruff", "server"),
    "ty": ("ty", "server"),
    "pyrefly": ("pyrefly", "lsp"),
    "basedpyright": ("basedpyright-langserver", "--stdio"),
    "jedi-language-server": ("jedi-language-server",),
    "pylsp": ("pylsp",),
}
CAPABILITIES: dict[str, Any] = {
    "textDocument": {
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    }
}


@dataclass
class Times:
    """Milliseconds."""

    start: list[float] = field(default_factory=list)
    keystroke: list[float] = field(default_factory=list)
    top_line: list[float] = field(default_factory=list)
    hover: list[float] = field(default_factory=list)
    action: list[float] = field(default_factory=list)
    memory: float = 0.0  # MB
    start_cpu: float = 0.0
    keystroke_cpu: float = 0.0


class Editor:
    """One server with one open file, in which somebody types."""

    def __init__(self, command: Sequence[str], text: str, folder: Path) -> None:
        self.times = Times()
        self._uri = (folder / "train.py").as_uri()
        self._line = next((n for n, line in enumerate(text.split("\n")) if line == "    y = y + 1"), 0)
        self._version = 1
        begun = time.perf_counter()
        self._wire = Wire(command, stderr=subprocess.DEVNULL)
        self._wire.initialize(
            CAPABILITIES, rootUri=folder.as_uri(), workspaceFolders=[{"uri": folder.as_uri(), "name": "w"}]
        )
        self._wire.open(self._uri, text)
        self._published()
        self.times.start.append(self._since(begun))
        self.times.start_cpu = processor_time(self._wire.process.pid)

    def type(self, rounds: int) -> None:
        """Turn `y = y + 1` into `y += 1` and back, key by key, each time waiting for what the server says."""
        before, typed = processor_time(self._wire.process.pid), len(self.times.keystroke)
        for number in range(rounds):
            new = "    y += 1" if number % 2 == 0 else "    y = y + 1"
            old = 1000 if number == 0 else len("    y = y + 1" if number % 2 == 0 else "    y += 1")
            for change in (
                {"range": range_of(self._line, 6, self._line, old), "text": ""},
                {"range": range_of(self._line, 6, self._line, 6), "text": new[6:]},
            ):
                self.times.keystroke.append(self._changed(change))
        spent = processor_time(self._wire.process.pid) - before
        now = len(self.times.keystroke)
        self.times.keystroke_cpu = (self.times.keystroke_cpu * typed + spent) / now
        for change in (
            {"range": range_of(0, 0, 0, 0), "text": "\n"},
            {"range": range_of(0, 0, 1, 0), "text": ""},
        ):
            self.times.top_line.append(self._changed(change))
        self._changed({"range": range_of(self._line, 0, self._line, 1000), "text": f"    y += {self._version}"})
        self._ask()

    def _changed(self, change: dict[str, Any]) -> float:
        """Make a change; how long it takes until what is said of it is there."""
        self._version += 1
        begun = time.perf_counter()
        self._wire.change(self._uri, self._version, change)
        self._published()
        return self._since(begun)

    def end(self) -> None:
        """Note the memory, and stop."""
        self.times.memory = peak_memory(self._wire.process.pid)
        with self._wire:
            pass

    def _ask(self) -> None:
        document = {"textDocument": {"uri": self._uri}}
        begun = time.perf_counter()
        self._wire.request("textDocument/hover", {**document, "position": {"line": self._line, "character": 4}})
        self.times.hover.append(self._since(begun))
        begun = time.perf_counter()
        at = range_of(self._line, 4, self._line, 8)
        self._wire.request("textDocument/codeAction", {**document, "range": at, "context": {"diagnostics": []}})
        self.times.action.append(self._since(begun))

    def _published(self) -> None:
        def wanted(message: dict[str, Any]) -> bool:
            params = message.get("params") or {}
            # A server that does not say which version it means is taken at its word.
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == self._uri
                and params.get("version", self._version) == self._version
            )

        self._wire.wait(wanted)

    def _since(self, begun: float) -> float:
        """Until the last message was read, without what this process took to look at it."""
        return (self._wire.received[-1][0] - begun) * 1000


def goes_on(server: str, editor: Editor) -> bool:
    """Type a little more; false if the server does not answer."""
    try:
        editor.type(10)
    except NoAnswer as problem:
        print(f"{server}: {problem}", file=sys.stderr)
        return False
    return True


def processor_time(pid: int) -> float:
    """Milliseconds that a process and its children have computed (Linux)."""
    ticks = 0
    for each in [pid, *children(pid)]:
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> float:
    """The most that a process and its children held at once, in MB (Linux)."""
    total = 0.0
    for child in [pid, *children(pid)]:
        try:
            status = Path(f"/proc/{child}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    return total


def children(pid: int) -> list[int]:
    """All processes that `pid` started."""
    try:
        found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [each for child in found for each in (child, *children(child))]


def summary(values: list[float]) -> str:
    """Median and p95."""
    if not values:
        return "-"
    ordered = sorted(values)
    return f"{statistics.median(ordered):.1f} / {ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]:.1f}"


def main() -> None:
    """Run, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--peers", type=Path)
    options = parser.parse_args()
    servers: dict[str, Sequence[str]] = {"gradguard": OURS, "bare pygls": BARE}
    for name, (executable, *arguments) in PEERS.items():
        if options.peers is not None and (options.peers / executable).exists():
            servers[name] = (str(options.peers / executable), *arguments)
    print("| lines | server | start | its CPU | keystroke | its CPU | line at the top | hover | code action | memory |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for lines in options.lines:
        for name, times in measured(servers, lines, options.rounds, options.starts).items():
            figures = [
                summary(times.start),
                f"{times.start_cpu:.0f}",
                summary(times.keystroke),
                f"{times.keystroke_cpu:.1f}",
                summary(times.top_line),
                summary(times.hover),
                summary(times.action),
                f"{times.memory:.0f}",
            ]
            print(f"| {lines} | {name} | {' | '.join(figures)} |", flush=True)


def measured(servers: dict[str, Sequence[str]], lines: int, rounds: int, starts: int) -> dict[str, Times]:
    """All servers on one file; they take turns, so that each meets the machine in the same moods."""
    import tempfile

    text = program(lines)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "train.py").write_text(text)
        cold: dict[str, list[float]] = {server: [] for server in servers}
        editors: dict[str, Editor] = {}
        for _ in range(starts):
            for server, command in servers.items():
                if server in editors:
                    editors.pop(server).end()
                try:
                    editors[server] = Editor(command, text, folder)
                    cold[server] += editors[server].times.start
                except NoAnswer as problem:
                    print(f"{server}: {problem}", file=sys.stderr)
        for _ in range(0, rounds, 10):
            for server in list(editors):
                if not goes_on(server, editors[server]):
                    editors.pop(server).end()
        for server, editor in editors.items():
            editor.end()
            editor.times.start = cold[server]
        return {server: editor.times for server, editor in editors.items()}


if __name__ == "__main__":
    main()
