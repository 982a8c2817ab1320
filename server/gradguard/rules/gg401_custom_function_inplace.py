"""GG401 custom-function-inplace: a custom `autograd.Function` and in-place writes do not keep each other's rules.

User page: docs/rules/GG401.md. Cases: tests/rules/gg401_custom_function_inplace.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.wording import related, site_of, source_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import CustomFunctionMisuse, ForbiddenViewWritten


def describe(found: Found, hazard: CustomFunctionMisuse, texts: Texts) -> Finding:
    """Word the misuse inside a custom function for a user."""
    write = site_of(hazard.write.origin)
    apply = hazard.apply.origin
    call = source_of(apply) if isinstance(apply, Site) else ""
    backward = hazard.backward
    return word(
        "GG401",
        found,
        texts.say(f"GG401.message.{hazard.reason}", target=target_of(write), call=call),
        texts,
        at=write,
        related=(
            *related("related.applied", apply, texts),
            *(() if backward is None else related("related.needed.silent", backward.origin, texts)),
        ),
    )


def describe_view(found: Found, hazard: ForbiddenViewWritten, texts: Texts) -> Finding:
    """Word a write to what a custom function handed out as its input or as a view of it."""
    write = site_of(hazard.write.origin)
    use = hazard.use
    return word(
        "GG401",
        found,
        texts.say("GG401.message.view", target=target_of(write)),
        texts,
        at=write,
        related=(
            *related("related.applied", hazard.view.origin, texts),
            *(() if use is None else related("related.used", use.origin, texts)),
        ),
    )
