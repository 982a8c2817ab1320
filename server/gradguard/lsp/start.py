"""Starts the server: loads it as fast as it can be loaded, and serves."""

from __future__ import annotations

from gradguard.lsp.deferred import load_types


def start(address: tuple[str, int] | None) -> int:
    """Serve one client, on standard input and output or (with `address`) the first that connects. Returns the exit status."""
    load_types()
    from gradguard.lsp.server import serve

    return serve(address)
