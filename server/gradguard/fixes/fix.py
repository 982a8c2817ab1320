"""What a fix is: text edits with a title and a grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from gradguard.text.document import Change, Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradguard.text.places import Place

Grade = Literal["safe", "unsafe", "display_only"]


class Edit(NamedTuple):
    """Replace the text at `place` by `new_text`."""

    place: Place
    new_text: str


class Fix(NamedTuple):
    """Edits that cure one finding.

    `safe`: same values, right gradients, comments kept. `unsafe`: changes memory, timing or meaning, as the title says.
    `display_only`: shown, never applied by machine. `preferred`: the best safe fix of its finding. `kind`: LSP's code action kind.
    """

    title: str
    edits: tuple[Edit, ...]
    grade: Grade
    preferred: bool = False
    kind: str = "quickfix"


def applied(text: str, edits: Iterable[Edit]) -> str:
    """`text` after `edits`, whose places speak of `text` as it stands and do not overlap."""
    document = Document.of(text)
    for edit in sorted(edits, key=lambda each: each.place.range, reverse=True):
        document, _, _ = document.edited(Change(edit.place.range, edit.new_text))
    return document.text
