"""GG105 saved-tensor-detached: `detach_()` cuts off a tensor that an operator saved as its input.

User page: docs/rules/GG105.md. Cases: tests/rules/gg105_saved_tensor_detached.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.wording import needed_here, saved_here, say_operator, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import SavedDetached


def describe(found: Found, hazard: SavedDetached, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    detach = site_of(hazard.detach.origin)
    return word(
        "GG105",
        found,
        texts.say("GG105.message", target=target_of(detach), operator=say_operator(hazard.save)),
        texts,
        at=detach,
        related=(*saved_here(hazard.save, texts), *needed_here(found, hazard.backward.origin, texts)),
    )
