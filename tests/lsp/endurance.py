"""Ten thousand edits in one process: `python -m tests.lsp.endurance [--edits 10000]`.

Memory may grow by 5 % after the first thousand. The last line says `edits=N first=MB last=MB growth=P%`; the status is 1 beyond.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.programs import program

from tests.lsp.wire import Wire, range_of

URI = "file:///endurance/train.py"
MOST_GROWTH = 5.0
SETTLED = 1000


def memory(pid: int) -> float:
    """What a process holds, in MB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def main() -> int:
    """Edit, wait for the diagnostics of each version, and watch the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=1000)
    options = parser.parse_args()
    text = program(options.lines)
    line = text.split("\n").index("    y = y + 1")
    forms = ("y = y + 1", "y += 1", "y.add_(", "y[0] = 2", "y = torch.relu_(y)", "")
    settled = 0.0
    with Wire() as wire:
        wire.initialize()
        wire.open(URI, text)
        wire.diagnostics(URI, 1)
        # What fixes need is loaded once, at the first question or a second later; it is no growth.
        question = {"range": range_of(0, 0, text.count("\n"), 0), "context": {"diagnostics": []}}
        wire.request("textDocument/codeAction", {"textDocument": {"uri": URI}, **question})
        length = len(forms[0])
        for number in range(1, options.edits + 1):
            new = forms[number % len(forms)]
            wire.change(URI, number + 1, {"range": range_of(line, 4, line, 4 + length), "text": new})
            wire.diagnostics(URI, number + 1)
            wire.received.clear()
            length = len(new)
            if number == min(SETTLED, options.edits // 2):
                settled = memory(wire.process.pid)
        last = memory(wire.process.pid)
    growth = 100 * (last - settled) / settled
    print(f"edits={options.edits} first={settled:.1f}MB last={last:.1f}MB growth={growth:.1f}%")
    return 0 if growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
