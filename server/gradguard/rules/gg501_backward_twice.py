"""GG501 backward-twice: a second backward reaches saved tensors that the first one freed.

The mistake is no write; its place is the `backward` that frees what is needed once more, for that is where it is mended.
User page: docs/rules/GG501.md. Cases: tests/rules/gg501_backward_twice.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.operators import public_name
from gradguard.rules.wording import related, site_of, source_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import BackwardTwice


def describe(found: Found, hazard: BackwardTwice, texts: Texts) -> Finding:
    """Word the hazard for a user; one call that runs twice in a loop is told apart from two calls."""
    second, first = site_of(hazard.second.origin), hazard.first.origin
    again = not isinstance(first, Site) or first.node is second.node
    message = texts.say(
        "GG501.message.loop" if again else "GG501.message",
        backward=source_of(second if again else site_of(first)),
        later=source_of(second),
        operator=public_name(hazard.save_operator),
    )
    return word(
        "GG501",
        found,
        message,
        texts,
        at=second if again else site_of(first),
        related=(
            *related("related.graph", hazard.save_origin, texts),
            *(() if again else related("related.again", second, texts)),
        ),
    )
