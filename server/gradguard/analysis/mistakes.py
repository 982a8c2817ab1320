"""Which hazards are one and the same mistake, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.tape.hazards import BackwardTwice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradguard.analysis.results import Found
    from gradguard.tape.hazards import Hazard


def primary_site(hazard: Hazard) -> Site | None:
    """Where the squiggle goes: the write, or of two backwards the first."""
    if isinstance(hazard, BackwardTwice) and isinstance(hazard.first.origin, Site):
        return hazard.first.origin
    for name in ("write", "detach", "second", "use", "event"):
        event = getattr(hazard, name, None)
        if event is not None and isinstance(event.origin, Site):
            return event.origin
    return None


def identity(hazard: Hazard) -> object:
    """The same for two hazards exactly if they are one mistake."""
    site = primary_site(hazard)
    if site is None:
        return (type(hazard).__name__, None)
    # The calls of a chain (`x.add_(1).mul_(2)`) begin at one place and are one mistake.
    return (type(hazard).__name__, id(site.chunk), getattr(site.node, "lineno", 0), getattr(site.node, "col_offset", 0))


def distinct(found: Iterable[Found]) -> tuple[Found, ...]:
    """Each mistake once, with as few assumptions as it is known with."""
    seen: dict[object, Found] = {}
    for each in found:
        key = identity(each.hazard)
        if key not in seen or len(each.assumptions) < len(seen[key].assumptions):
            seen[key] = each
    return tuple(seen.values())
