"""The words in the picture of the tape: short, as they stand beside marks."""

from __future__ import annotations

from typing import Final

TIMELINE: Final[dict[str, str]] = {
    "timeline.function": "autograd timeline of `{name}`",
    "timeline.module": "autograd timeline of the module",
    "timeline.saved": "{operator} saves",
    "timeline.written": "written",
    "timeline.needed": "needed",
}
