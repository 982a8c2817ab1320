"""GG302 numpy-alias-corrupts-gradient: a write to a numpy array changes a saved tensor that shares its memory.

User page: docs/rules/GG302.md. Cases: tests/rules/gg302_numpy_alias_corrupts_gradient.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.wording import needed_here, saved_here, say_operator, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import SilentlyOverwritten


def describe(found: Found, hazard: SilentlyOverwritten, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    write = site_of(hazard.write.origin)
    return word(
        "GG302",
        found,
        texts.say("GG302.message", target=target_of(write), operator=say_operator(hazard.save)),
        texts,
        at=write,
        related=(*saved_here(hazard.save, texts), *needed_here(found, hazard.backward.origin, texts, silent=True)),
    )
