"""GG104 overwritten-across-iterations: save, write and need of a tensor stand in different rounds of a loop.

User page: docs/rules/GG104.md. Cases: tests/rules/gg104_overwritten_across_iterations.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.wording import needed_here, saved_here, say_operator, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.interpreter.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import SavedVersionMoved


def describe(found: Found, hazard: SavedVersionMoved, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    write = site_of(hazard.write.origin)
    key = "GG104.message" if rounds_differ(hazard.save.origin, write) else "GG104.message.needed"
    return word(
        "GG104",
        found,
        texts.say(key, target=target_of(write), operator=say_operator(hazard.save)),
        texts,
        at=write,
        related=(*saved_here(hazard.save, texts), *needed_here(found, hazard.backward.origin, texts)),
    )


def across_iterations(hazard: SavedVersionMoved) -> bool:
    """Whether save, write and need are not all in one round of the loops that they share.

    Also where a loop saves and writes, in each of its rounds, what was made before it: the next round writes what this one saved.
    """
    save, write = hazard.save.origin, hazard.write.origin
    if rounds_differ(save, write) or rounds_differ(save, hazard.backward.origin):
        return True
    made = (hazard.write.tensor.base or hazard.write.tensor).origin
    return outlives_round(made, save) and outlives_round(made, write)


def outlives_round(made: object, event: object) -> bool:
    """Whether `event` stands in a loop round in which `made` did not happen."""
    if not isinstance(made, Site) or not isinstance(event, Site):
        return False
    return len(event.loops) > len(made.loops) or event.loops != made.loops[: len(event.loops)]


def rounds_differ(one: object, other: object) -> bool:
    """Whether two events happened in different rounds of the innermost loop run that both stand in."""
    if not isinstance(one, Site) or not isinstance(other, Site):
        return False
    for (loop, round_of_one), (other_loop, round_of_other) in zip(one.loops, other.loops, strict=False):
        if loop != other_loop:
            return False
        if round_of_one != round_of_other:
            return True
    return False
