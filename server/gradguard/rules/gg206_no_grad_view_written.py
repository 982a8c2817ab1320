"""GG206 no-grad-view-written: a view made under `no_grad` or in inference mode is written, or its memory is.

User page: docs/rules/GG206.md. Cases: tests/rules/gg206_no_grad_view_written.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.wording import related, site_of, source_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import ForbiddenViewWritten


def describe(found: Found, hazard: ForbiddenViewWritten, texts: Texts) -> Finding:
    """Word the hazard for a user; with a `use`, torch raises at the view's next use and not at the write."""
    write, use = site_of(hazard.write.origin), hazard.use
    used = source_of(use.origin) if use is not None and isinstance(use.origin, Site) else ""
    mode = "inference_mode" if hazard.reason == "inference" else "no_grad"
    key = "GG206.message" if use is None else "GG206.message.used"
    return word(
        "GG206",
        found,
        texts.say(key, target=target_of(write), mode=mode, use=used),
        texts,
        at=write,
        related=(
            *related("related.ungraded", hazard.view.origin, texts, mode=mode),
            *(() if use is None else related("related.used", use.origin, texts)),
        ),
    )
