"""The `gradguard` command."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (by default the process') and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A name or message that the terminal cannot show must not end the run.
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; nothing more can be written, not even by the interpreter's shutdown.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _run(words: Sequence[str]) -> int:
    if list(words) == ["server"]:
        # An editor waits for it, and there is nothing to parse.
        from gradguard.lsp.start import start

        return start(None)

    from gradguard.cli.commands import run

    return run(words)
