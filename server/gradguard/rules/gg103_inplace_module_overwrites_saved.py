"""GG103 inplace-module-overwrites-saved: a module or functional called with `inplace=True` overwrites a saved tensor.

User page: docs/rules/GG103.md. Cases: tests/rules/gg103_inplace_module_overwrites_saved.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.wording import needed_here, related, saved_here, say_operator, site_of, source_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import ForbiddenViewWritten, SavedVersionMoved


def describe(found: Found, hazard: SavedVersionMoved, texts: Texts) -> Finding:
    """Word the overwriting of a saved tensor for a user."""
    write = site_of(hazard.write.origin)
    save = hazard.save.origin
    inner = ".inner" if isinstance(save, Site) and save.node is write.node else ""
    return word(
        "GG103",
        found,
        texts.say(
            f"GG103.message{inner}",
            call=source_of(write),
            target=target_of(write),
            operator=say_operator(hazard.save),
        ),
        texts,
        at=write,
        related=(*saved_here(hazard.save, texts), *needed_here(found, hazard.backward.origin, texts)),
    )


def describe_hooked(found: Found, hazard: ForbiddenViewWritten, texts: Texts) -> Finding:
    """Word an `inplace=True` write to what a full backward hook or a custom function handed out as a view."""
    write = site_of(hazard.write.origin)
    return word(
        "GG103",
        found,
        texts.say("GG103.message.hooked", call=source_of(write), target=target_of(write)),
        texts,
        at=write,
        related=related("related.view", hazard.view.origin, texts),
    )
