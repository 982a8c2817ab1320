"""A change that a strategy proposes, before anybody has checked that it cures the finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradguard.fixes.fix import Edit, Grade
    from gradguard.fixes.situation import Situation


@dataclass(frozen=True, slots=True)
class Candidate:
    """Edits of one file with a title and the grade they have if they work.

    `repeatable`: the same strategy may go on to the next write of the same mistake, which the first one hid.
    """

    title: str
    edits: tuple[Edit, ...]
    grade: Grade
    repeatable: bool = True
    kind: str = "quickfix"


Strategy = Callable[["Situation"], Iterator[Candidate]]
