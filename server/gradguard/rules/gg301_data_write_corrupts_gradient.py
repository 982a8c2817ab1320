"""GG301 data-write-corrupts-gradient: a write past the version counter changes what backward reads; torch says nothing.

User page: docs/rules/GG301.md. Cases: tests/rules/gg301_data_write_corrupts_gradient.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.wording import needed_here, saved_here, say_operator, site_of, source_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import SilentlyOverwritten


def describe(found: Found, hazard: SilentlyOverwritten, texts: Texts) -> Finding:
    """Word the hazard for a user, by the way in which the counter was avoided."""
    write = site_of(hazard.write.origin)
    message = texts.say(
        f"GG301.message.{hazard.write.bypass or 'data'}",
        write=source_of(write),
        target=target_of(write).removesuffix(".data"),
        operator=say_operator(hazard.save),
    )
    return word(
        "GG301",
        found,
        message,
        texts,
        at=write,
        related=(*saved_here(hazard.save, texts), *needed_here(found, hazard.backward.origin, texts, silent=True)),
    )
