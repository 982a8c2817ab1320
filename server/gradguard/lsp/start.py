"""Starts the server: loads it as fast as it can be loaded, and serves."""

from __future__ import annotations

from gradguard.lsp.generated_code import kept_for


def start(address: tuple[str, int] | None) -> int:
    """Serve one client, on standard input and output or (with `address`) the first that connects. Returns the exit status."""
    with kept_for("lsprotocol.types"):
        from gradguard.lsp.server import serve
    return serve(address)
