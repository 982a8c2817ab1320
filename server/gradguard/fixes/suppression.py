"""The last choice: a comment on the line that tells gradguard to leave the finding out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.text.document import content_of
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation

_IGNORE = re.compile(r"#\s*gradguard:\s*ignore\[([^\]]*)\]")


def comment(situation: Situation) -> Iterator[Candidate]:
    """`# gradguard: ignore[GG101]` at the end of the write's first line, or one more code in the comment that is there."""
    finding = situation.finding
    place = finding.place
    source = situation.files.source(place.path)
    if source is None:
        return
    line = place.range.start_line
    content = content_of(source.document.lines[line])
    title = situation.texts.say("fix.suppress", code=finding.code)
    known = _IGNORE.search(content)
    if known:
        end = known.end(1)
        edit = Edit(Place(place.path, Range(line, end, line, end)), f", {finding.code}")
    elif not content.endswith("\\"):
        end = len(content.rstrip())
        edit = Edit(Place(place.path, Range(line, end, line, len(content))), f"  # gradguard: ignore[{finding.code}]")
    else:
        return  # The line goes on: a comment cannot stand there.
    yield Candidate(title, (edit,), "unsafe", repeatable=False)
