"""Starts the server: loads it as fast as it can be loaded, and serves."""

from __future__ import annotations

import gc
import sys

from gradguard.lsp.deferred import load_types


def start(address: tuple[str, int] | None) -> int:
    """Serve one client, on standard input and output or (with `address`) the first that connects. Returns the exit status."""
    # Start-up makes a few hundred thousand objects that stay; looking through them again and again would take a tenth of it.
    # The session turns the collector on when all is loaded.
    gc.disable()
    _load_asyncio()
    load_types()
    from gradguard.lsp.server import serve

    return serve(address)


def _load_asyncio() -> None:
    """Import asyncio as on a Python without `ssl`: nothing here is encrypted, and OpenSSL takes a sixth of the time to load."""
    if "ssl" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # Python's way to say that there is no such module
    try:
        import asyncio  # noqa: F401
    finally:
        del sys.modules["ssl"]
