"""GG203 multi-output-view-written: a piece made by `chunk`, `split`, `unbind` or unpacking is written, or its base is.

User page: docs/rules/GG203.md. Cases: tests/rules/gg203_multi_output_view_written.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.operators import public_name
from gradguard.rules.wording import related, site_of, source_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import ForbiddenViewWritten


def describe(found: Found, hazard: ForbiddenViewWritten, texts: Texts) -> Finding:
    """Word the hazard for a user; with a `use`, the base was written and torch raises at the piece's next use."""
    write, use = site_of(hazard.write.origin), hazard.use
    used = source_of(use.origin) if use is not None and isinstance(use.origin, Site) else ""
    key = "GG203.message" if use is None else "GG203.message.base"
    return word(
        "GG203",
        found,
        texts.say(key, target=target_of(write), operator=public_name(hazard.view.operator), use=used),
        texts,
        at=write,
        related=(
            *related("related.pieces", hazard.view.origin, texts),
            *(() if use is None else related("related.used", use.origin, texts)),
        ),
    )
