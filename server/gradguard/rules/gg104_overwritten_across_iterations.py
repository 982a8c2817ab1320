"""GG104 overwritten-across-iterations: save, write and need of a tensor stand in different rounds of a loop.

User page: docs/rules/GG104.md. Cases: tests/rules/gg104_overwritten_across_iterations.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.wording import needed_here, saved_here, say_operator, site_of, target_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import SavedVersionMoved


def describe(found: Found, hazard: SavedVersionMoved, texts: Texts) -> Finding:
    """Word the hazard for a user."""
    write = site_of(hazard.write.origin)
    save = hazard.save.origin
    manner = "" if rounds_differ(save, write) else ".needed" if rounds_differ(save, hazard.backward.origin) else ".each"
    return word(
        "GG104",
        found,
        texts.say(f"GG104.message{manner}", target=target_of(write), operator=say_operator(hazard.save)),
        texts,
        at=write,
        related=(*saved_here(hazard.save, texts), *needed_here(found, hazard.backward.origin, texts)),
    )


def across_iterations(hazard: SavedVersionMoved) -> bool:
    """Whether save, write and need are not all in one round of the loops that they share.

    Also where a loop that ends before `backward` saves and writes, in each of its rounds, what was made before it: there the next
    round writes what this one saved. Not so where one call in the round does both: its function errs with or without a loop.
    """
    save, write, need = hazard.save.origin, hazard.write.origin, hazard.backward.origin
    if rounds_differ(save, write) or rounds_differ(save, need):
        return True
    made = (hazard.write.tensor.base or hazard.write.tensor).origin
    together = common_rounds(save, write)
    if together <= common_rounds(save, need) or together <= common_rounds(save, made):
        return False
    return together > len(user_loops(_common_call(save, write)))


def _common_call(one: object, other: object) -> Site | None:
    """The innermost call of the user's program in which both events happened."""
    if not (isinstance(one, Site) and isinstance(other, Site)):
        return None
    shared = None
    for mine, yours in zip(one.calls, other.calls, strict=False):
        if mine != yours:
            break
        shared = mine
    return shared


def common_rounds(one: object, other: object) -> int:
    """How many loops two events share in the same round, from the outermost on."""
    count = 0
    for mine, yours in zip(user_loops(one), user_loops(other), strict=False):
        if mine != yours:
            break
        count += 1
    return count


def rounds_differ(one: object, other: object) -> bool:
    """Whether two events happened in different rounds of the innermost loop run that both stand in."""
    for (loop, round_of_one), (other_loop, round_of_other) in zip(user_loops(one), user_loops(other), strict=False):
        if loop != other_loop:
            return False
        if round_of_one != round_of_other:
            return True
    return False


def user_loops(event: object) -> tuple[tuple[object, int], ...]:
    """The loops of the user's program round an event, without those in torch's own Python, such as `Sequential`'s."""
    return tuple(each for each in event.loops if each[0] is not None) if isinstance(event, Site) else ()
