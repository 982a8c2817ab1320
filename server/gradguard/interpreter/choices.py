"""The choices that one run of an entry makes where the program does not say, and their defaults.

A run follows a single path. Another path is another run with one choice flipped, so a hazard rests on exactly those choices
whose flipping makes it vanish: evidence by experiment, without labels on values.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

ChoiceKind = Literal["condition", "guard", "requires_grad"]
"""`guard`: a condition that leaves early (`if …: return`); that it does not is too ordinary to be named as an assumption."""


class Choice(NamedTuple):
    """One decision: `text` is the condition (or argument) in the user's words, `value` what this run took.

    `place`: identity of the expression (or argument). What is flipped is a place: all rounds of a loop decide alike there.
    `path`: the file that it stands in, "" if that does not matter.
    """

    key: object
    kind: ChoiceKind
    text: str
    value: bool
    place: object
    path: str = ""


class Oracle:
    """Answers unknown conditions: the flipped way at the places in `flips`, else by default; the same key gets the same answer."""

    def __init__(self, flips: dict[object, bool] | None = None) -> None:
        self.flips = flips or {}
        self.taken: dict[object, Choice] = {}
        self._serial = 0

    def fresh_key(self, place: object) -> object:
        """A key for a condition that will not be recognised again (its n-th occurrence on this path)."""
        self._serial += 1
        return (place, self._serial)

    def choose(
        self, key: object, kind: ChoiceKind, text: str, default: bool, place: object = None, path: str = ""
    ) -> bool:
        """The value of the choice `key` on this path."""
        choice = self.taken.get(key)
        if choice is None:
            place = key if place is None else place
            choice = Choice(key, kind, text, self.flips.get(place, default), place, path)
            self.taken[key] = choice
        return choice.value

    def to_flip(self) -> list[Choice]:
        """The choices that are worth flipping: the first at each place, in the order taken."""
        first: dict[object, Choice] = {}
        for choice in self.taken.values():
            first.setdefault(choice.place, choice)
        return list(first.values())
