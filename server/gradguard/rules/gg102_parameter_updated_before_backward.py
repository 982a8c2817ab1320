"""GG102 parameter-updated-before-backward: a parameter is stepped or assigned between a forward and its backward.

User page: docs/rules/GG102.md. Cases: tests/rules/gg102_parameter_updated_before_backward.md.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site
from gradguard.rules.wording import needed_here, saved_here, site_of, source_of, word

if TYPE_CHECKING:
    from gradguard.analysis.results import Found
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import SavedVersionMoved


def describe(found: Found, hazard: SavedVersionMoved, texts: Texts) -> Finding:
    """Word the hazard for a user; the need is named by its `backward` call where there is one."""
    write, backward = site_of(hazard.write.origin), hazard.backward.origin
    updated = _updated(write)
    named = "" if updated else ".unnamed"
    needed = ".needed" if isinstance(backward, Site) and not found.assumptions else ""
    message = texts.say(
        f"GG102.message{named}{needed}",
        update=source_of(write),
        target=updated,
        backward=source_of(backward) if isinstance(backward, Site) else "",
    )
    return word(
        "GG102",
        found,
        message,
        texts,
        at=write,
        related=(*saved_here(hazard.save, texts), *needed_here(found, backward, texts)),
    )


def _updated(write: Site) -> str:
    """The parameter that is updated. What a call like `net.load_state_dict(saved)` is given is not what it writes."""
    call = write.node
    if write.label or not isinstance(call, ast.Call):
        return write.target
    in_place = write.kind == "inplace_flag" or (isinstance(call.func, ast.Attribute) and call.func.attr.endswith("_"))
    return write.target if in_place else ""
