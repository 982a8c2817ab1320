"""What checking one file came to, as plain data that can travel between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradguard.rules.texts import Texts

Json = dict[str, Any]

GRAVITY = {"error": 0, "warning": 1, "info": 2, "hint": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding, as it is printed (`text`) and as JSON. `path`: the file it stands in, as the project knows it."""

    path: str
    line: int
    column: int
    code: str
    severity: str
    text: str
    json: Json

    @property
    def key(self) -> tuple[str, int, int, str]:
        """Two entries of the same key are the same mistake, found by running different files."""
        return self.path, self.line, self.column, self.code


@dataclass(frozen=True, slots=True)
class Outcome:
    """One checked file. `problem`: why it could not be checked. `writes`: its in-place writes, if they were asked for."""

    path: str
    problem: str = ""
    entries: tuple[Entry, ...] = ()
    writes: tuple[Json, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: bool = field(default=False)


def merged(outcomes: list[Outcome]) -> list[Entry]:
    """All entries in order of place, each mistake once, at its gravest."""
    best: dict[tuple[str, int, int, str], Entry] = {}
    order = {outcome.path: at for at, outcome in enumerate(outcomes)}
    for outcome in outcomes:
        for entry in outcome.entries:
            known = best.get(entry.key)
            if known is None or GRAVITY[entry.severity] < GRAVITY[known.severity]:
                best[entry.key] = entry
    flagged = {key[:3] for key in best if key[3] != "GG901"}
    return [
        best[key]
        for key in sorted(best, key=lambda key: (order.get(key[0], len(order)), *key))
        if key[3] != "GG901" or key[:3] not in flagged
    ]


def counted(texts: Texts, noun: str, count: int) -> str:
    """`count` things in words: `1 file`, `3 files`."""
    return texts.say(f"cli.{noun}.one" if count == 1 else f"cli.{noun}", count=count)
