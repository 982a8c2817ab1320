"""What the tape reports: each way in which torch refuses, or silently spoils, a gradient.

A hazard names its events; an event's `origin` is whatever the tape's driver handed in (the interpreter: a `Site`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from gradguard.tape.tensor import Tensor

Bypass = Literal["data", "set_", "storage", "numpy", "fused", "data_assignment", "unmarked"]


class Event(NamedTuple):
    """Something that happened to a tensor: a creation, a view, a backward, a use."""

    operator: str
    origin: object
    tensor: Tensor | None = None


class Save(NamedTuple):
    """A node kept `tensor` at `version` for its derivative.

    `argument`: the operator's argument name, or `result`. `node`: the grad_fn's name.
    """

    operator: str
    node: str
    argument: str
    tensor: Tensor
    version: int
    origin: object
    is_result: bool
    values_used: bool = True


class Write(NamedTuple):
    """An in-place write; `version` is the counter after it. `bypass` tells how the counter was avoided, if it was."""

    operator: str
    tensor: Tensor
    version: int
    origin: object
    bypass: Bypass | None = None


class SavedVersionMoved(NamedTuple):
    """`backward` finds a saved tensor at another version than noted. `write` is the first write after the save."""

    message: str
    save: Save
    write: Write
    backward: Event


class SavedDetached(NamedTuple):
    """`backward` finds a saved input that `detach_()` cut off."""

    message: str
    save: Save
    detach: Event
    backward: Event


class LeafWritten(NamedTuple):
    """A tracked write to a leaf that requires grad (`view` is None), or to a view of one."""

    message: str
    write: Write
    leaf: Event
    view: Event | None


class ForbiddenViewWritten(NamedTuple):
    """A view that may not be written was written, or its family was and it is used afterwards (then `use` is set).

    `reason`: `multi_output` (chunk, unbind, …), `no_grad`, `inference`, or `custom_function`.
    """

    message: str
    reason: Literal["multi_output", "no_grad", "inference", "custom_function"]
    view: Event
    write: Write
    use: Event | None


class OverlappingMemoryWritten(NamedTuple):
    """The written tensor holds several elements in one memory location (`view`: the expand), or overlaps an operand."""

    message: str
    write: Write
    view: Event | None


class InferenceTensorMisused(NamedTuple):
    """An inference tensor written outside inference mode (`write`), or saved for backward (`save_origin`)."""

    message: str
    created: Event
    write: Write | None
    use: Event | None


class SilentlyOverwritten(NamedTuple):
    """Torch raises nothing, but `backward` uses a value that a write past the counter has changed (`write.bypass`)."""

    save: Save
    write: Write
    backward: Event


class CustomFunctionMisuse(NamedTuple):
    """A custom `autograd.Function` breaks the rules of in-place writes.

    `reason`: `unmarked_write` (an input written without mark_dirty; silent), `dirty_not_returned`, `context_tensor_written`
    (a tensor kept on ctx, not checked, written before backward; silent), `dirty_leaf`.
    """

    message: str
    reason: Literal["unmarked_write", "dirty_not_returned", "context_tensor_written", "dirty_leaf"]
    write: Write
    apply: Event
    backward: Event | None


class GradientWritten(NamedTuple):
    """A hook or custom backward writes the gradient it was handed; silent."""

    write: Write
    received: Event


class BackwardTwice(NamedTuple):
    """A second backward reaches a node whose saved tensors the first one freed. Both are events of backward calls."""

    message: str
    save_operator: str
    save_origin: object
    first: Event
    second: Event


class Refusal(NamedTuple):
    """Torch raises for a reason that no rule is about (no graph, non-scalar backward, out= with grad …)."""

    message: str
    event: Event


Hazard = (
    SavedVersionMoved
    | SavedDetached
    | LeafWritten
    | ForbiddenViewWritten
    | OverlappingMemoryWritten
    | InferenceTensorMisused
    | SilentlyOverwritten
    | CustomFunctionMisuse
    | GradientWritten
    | BackwardTwice
    | Refusal
)
