"""GG402 gradient-written: a hook or a custom `backward` writes the gradient it was handed; torch says nothing.

User page: docs/rules/GG402.md. Cases: tests/rules/gg402_gradient_written.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.wording import related, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import GradientWritten


def describe(found: Found, hazard: GradientWritten, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    write = site_of(hazard.write.origin)
    return word(
        "GG402",
        found,
        texts.say("GG402.message", target=target_of(write)),
        texts,
        at=write,
        related=related("related.received", hazard.received.origin, texts),
    )
