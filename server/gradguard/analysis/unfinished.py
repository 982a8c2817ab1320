"""What is left of an analysis that was asked to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.budget import Interrupted

if TYPE_CHECKING:
    from gradguard.analysis.reports import FileAnalysis


class Unfinished(Interrupted):
    """`finished`: the entries that were through, as an analysis which the next one can go on from."""

    def __init__(self, finished: FileAnalysis) -> None:
        super().__init__()
        self.finished = finished
