"""How much one run of an entry may do before it stops and reports what it has proven."""

from __future__ import annotations

from typing import NamedTuple

STEPS_BETWEEN_LOOKS = 256
"""Statements executed until a run asks again whether anybody still wants its result."""


class Interrupted(BaseException):
    """A run was asked to stop. Not an `Exception`: no handler on the way may take it for a mistake."""


def never() -> bool:
    """For an analysis that nothing interrupts."""
    return False


class Budget(NamedTuple):
    """`steps`: statements executed in one run. `depth`: frames on the stack. `runs`: paths explored for one entry, and `total`: the
    statements of all of them together."""

    steps: int = 20_000
    depth: int = 60
    runs: int = 16
    total: int = 60_000

    @property
    def decoration(self) -> int:
        """Statements that a decorator may take to wrap what it is given."""
        return self.steps // 50

    @property
    def definition(self) -> int:
        """Statements that a top-level statement of an imported module may take to bind its names."""
        return self.steps // 10

    def loop_allowance(self, nesting: int) -> int:
        """Statements that one execution of a loop may spend beyond its first rounds; inner loops get less."""
        return max(self.steps // (8 << (3 * min(nesting, 4))), 100)


DEFAULT = Budget()


def for_function(lines: int) -> Budget:
    """What an entry that nothing calls may cost: its path from start to end is short, and there are many of them."""
    steps = 1000 + 30 * min(lines, 100)
    return Budget(steps=steps, runs=8, total=steps)
