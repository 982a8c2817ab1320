"""How grave a finding is, and how that follows from what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Severity = Literal["error", "warning", "info", "hint"]


def severity_of(assumptions: Sequence[object]) -> Severity:
    """`error` for what the file shows from start to end, `warning` for what rests on a named assumption."""
    return "warning" if assumptions else "error"
