"""What editors show beside findings and hovers."""

from __future__ import annotations

from typing import Final

EDITOR: Final[dict[str, str]] = {
    "lsp.fix_all": "Apply all safe fixes of gradguard",
    "lsp.by_hand": "to be done by hand",
    "lsp.progress": "Looking for in-place writes",
    "lsp.version": "version {version}",
    "lsp.saved_by": "saved by {operator} at version {version}",
}
