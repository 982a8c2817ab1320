"""Custom `autograd.Function`s on a machine: both sides must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.differential.tape import functions
from tests.differential.tape.functions import Context, Recipe

if TYPE_CHECKING:
    from tests.differential.tape.sides import Both, Outcome
    from tests.tape.machine import Machine

__all__ = ["Context", "Recipe", "applied", "apply"]


def apply(m: Machine, recipe: Recipe, both: Both) -> Outcome:
    """`Recipe.apply(both)` on both sides."""
    return m.agreed(functions.apply(m, recipe, both))


def applied(m: Machine, recipe: Recipe, both: Both) -> Any:
    """The result or results of an apply that torch accepts."""
    outcome = apply(m, recipe, both)
    assert outcome.error is None, outcome.error
    return outcome.results[0] if len(outcome.results) == 1 else outcome.results
