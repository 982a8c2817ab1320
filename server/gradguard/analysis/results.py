"""What an analysis finds: hazards with what they rest on, and every in-place write with its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from gradguard.interpreter.sites import Site
    from gradguard.tape.hazards import Hazard, Save

SafeReason = Literal[
    "nothing_saved",
    "not_needed",
    "not_tracked",
    "no_grad",
    "fresh_copy_saved",
    "unknown_tensor",
    "no_backward_seen",
]


class Assumption(NamedTuple):
    """Something ordinary that must hold for a hazard to happen.

    `backpropagated`: the result of the function `subject` is. `requires_grad`: the argument `subject` does (or does not: `value`).
    `condition`: the condition with source text `subject` has the truth `value`. `default`: `subject` keeps its default.
    """

    kind: Literal["backpropagated", "requires_grad", "condition", "default"]
    subject: str
    value: bool = True


class Found(NamedTuple):
    """A hazard and the assumptions it rests on; none means that the file itself shows the whole path."""

    hazard: Hazard
    assumptions: tuple[Assumption, ...] = ()


class WriteRecord(NamedTuple):
    """One in-place write of the user's program and what is known about it, merged over its executions.

    `producer`: the operator that made the written tensor. Versions are those of the first execution.
    """

    site: Site
    operator: str
    target: str
    tracked: bool
    verdict: Literal["safe", "hazard", "unknown"]
    reason: SafeReason
    saved_before: tuple[Save, ...]
    version_before: int
    version_after: int
    producer: str
