"""GG204 overlapping-memory-written: elements of the written tensor share memory, with each other or with an operand.

User page: docs/rules/GG204.md. Cases: tests/rules/gg204_overlapping_memory_written.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.operators import public_name
from gradguard.rules.wording import related, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import OverlappingMemoryWritten


def describe(found: Found, hazard: OverlappingMemoryWritten, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    write = site_of(hazard.write.origin)
    # Torch's two messages tell whether the tensor overlaps itself or one of the operands.
    by_operand = "the input tensor" in hazard.message
    view = None if by_operand else hazard.view
    if view is not None:
        message = texts.say("GG204.message", target=target_of(write), operator=public_name(view.operator))
    else:
        message = texts.say(f"GG204.message.{'operand' if by_operand else 'alone'}", target=target_of(write))
    return word(
        "GG204",
        found,
        message,
        texts,
        at=write,
        related=() if view is None else related("related.expanded", view.origin, texts),
    )
