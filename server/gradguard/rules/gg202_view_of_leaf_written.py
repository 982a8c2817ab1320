"""GG202 view-of-leaf-written: a view of a leaf that requires grad is written where autograd tracks the write.

User page: docs/rules/GG202.md. Cases: tests/rules/gg202_view_of_leaf_written.md.
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
    view = () if hazard.view is None else related("related.view", hazard.view.origin, texts)
    return word(
        "GG202",
        found,
        texts.say("GG202.message", target=target_of(write)),
        texts,
        at=write,
        related=(*related("related.leaf", hazard.leaf.origin, texts), *view),
    )
