"""Inlay hints: the version that a write leaves, and what was saved at which version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from gradguard.interpreter.sites import Site
from gradguard.rules.texts import texts_in
from gradguard.rules.wording import say_operator

if TYPE_CHECKING:
    from gradguard.lsp.documents import Documents
    from gradguard.project.report import Report
    from gradguard.text.places import Place


def inlay_hints(report: Report, within: Place, documents: Documents) -> list[types.InlayHint]:
    """The marks at the tracked writes of a file, and at the saves that they follow, as far as they stand `within`."""
    texts = texts_in(report.language)
    marks: dict[tuple[Place, str], None] = {}
    for write in report.writes:
        if not write.tracked:
            continue
        marks[write.site.place(), texts.say("lsp.version", version=write.version_after)] = None
        for save in write.saved_before:
            if isinstance(save.origin, Site):
                label = texts.say("lsp.saved_by", operator=say_operator(save), version=save.version)
                marks[save.origin.place(), label] = None
    hints = []
    for place, label in marks:
        line = place.range.end_line
        if place.path == within.path and within.range.start_line <= line <= within.range.end_line:
            position = documents.location(place).range.end
            hints.append(types.InlayHint(position, label, kind=types.InlayHintKind.Type, padding_left=True))
    return hints
