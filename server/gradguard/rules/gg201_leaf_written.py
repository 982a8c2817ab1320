"""GG201 leaf-written: a leaf that requires grad is written where autograd tracks the write.

User page: docs/rules/GG201.md. Cases: tests/rules/gg201_leaf_written.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.wording import related, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import LeafWritten


def describe(found: Found, hazard: LeafWritten, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    write = site_of(hazard.write.origin)
    return word(
        "GG201",
        found,
        texts.say("GG201.message", target=target_of(write)),
        texts,
        at=write,
        related=related("related.leaf", hazard.leaf.origin, texts),
    )
