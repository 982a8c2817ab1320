"""GG901 safe-inplace: a hint at a tracked in-place write that is safe as the code stands, with the reason.

User page: docs/rules/GG901.md. Cases: tests/rules/gg901_safe_inplace.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.rules.codes import RULE_NAMES
from gradguard.rules.finding import Finding, Related
from gradguard.rules.operators import public_name
from gradguard.rules.wording import related

if TYPE_CHECKING:
    from gradguard.analysis.results import WriteRecord
    from gradguard.rules.texts import Texts


def describe(write: WriteRecord, texts: Texts) -> Finding:
    """Word the remark for a user."""
    target = write.target or texts.say("words.tensor")
    named = ".by" if write.reason == "nothing_saved" and write.producer else ""
    saves: tuple[Related, ...] = ()
    if write.reason == "not_needed" and write.saved_before:
        save = write.saved_before[0]
        saves = related("related.saved.unneeded", save.origin, texts, operator=public_name(save.operator))
    return Finding(
        code="GG901",
        name=RULE_NAMES["GG901"],
        severity="hint",
        place=write.site.place(),
        message=texts.say(f"GG901.message.{write.reason}{named}", target=target, producer=public_name(write.producer)),
        related=saves,
        help=texts.say("GG901.help"),
        evidence=write,
        site=write.site,
    )
