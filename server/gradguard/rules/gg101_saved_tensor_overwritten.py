"""GG101 saved-tensor-overwritten: a saved tensor is written before `backward` reads it.

The tape has already decided that torch raises; this module only words the finding.
User page: docs/rules/GG101.md. Cases: tests/rules/gg101_saved_tensor_overwritten.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.wording import needed_here, saved_expression, saved_here, say_operator, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import SavedVersionMoved


def describe(found: Found, hazard: SavedVersionMoved, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    write = site_of(hazard.write.origin)
    target, saved = target_of(write), saved_expression(hazard.save)
    key = "GG101.message" if saved in ("", target) else "GG101.message.alias"
    return word(
        "GG101",
        found,
        texts.say(key, target=target, saved=saved, operator=say_operator(hazard.save)),
        texts,
        at=write,
        related=(*saved_here(hazard.save, texts), *needed_here(found, hazard.backward.origin, texts)),
    )
