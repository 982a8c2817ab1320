"""Tensors put onto other memory: `x.data = y`, `x.set_(y)`, `x.resize_(…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape import messages
from gradguard.tape.hazards import Event, Refusal
from gradguard.tape.tensor import append
from gradguard.tape.writes import LoggedWrite, bare_node, commit, rebase, refused

if TYPE_CHECKING:
    from gradguard.tape.state import State
    from gradguard.tape.tensor import Tensor
    from gradguard.torchfacts.geometry import Geometry


def set_data(state: State, tensor: Tensor, new: Tensor, origin: object) -> None:
    """`tensor.data = new`: new memory under the old counter, unnoticed.

    A copy of the tensor's own present values (`p.data = p.data.clone()`, `.to(…)`) changes none.
    """
    old = tensor.storage
    unchanged = new.storage is old or new.copied == (old, old.content)
    if not unchanged:
        entry = LoggedWrite(state, "data", tensor, origin, "data_assignment", tracked=False)
        old.log = append(old.log, (old.content, entry))
        state.writes.append(entry)
    if tensor.geometry.dtype != new.geometry.dtype:
        tensor.accumulator = None  # torch makes a new one for the new type; nodes made before keep the old one
    tensor.storage = new.storage
    tensor.geometry = new.geometry
    if new.uncertain:
        tensor.counter.uncertain = True


def set_(state: State, tensor: Tensor, new: Tensor | None, origin: object) -> None:
    """`tensor.set_(new)`: an in-place operator that moves the tensor onto other memory and keeps its counter."""
    node = None
    if state.tracking and (tensor.requires_grad or (new is not None and new.requires_grad)):
        if refused(state, tensor, origin, "set_"):
            return
        node = bare_node(state, "NotImplemented", "set_", tensor, () if new is None else (new,), origin)
        node.refuses = messages.not_implemented("set_")
    if not commit(state, tensor, origin, "set_", node is not None):
        return
    tensor.accumulator = None  # nodes made before keep the old one
    if new is not None:
        tensor.storage = new.storage
        tensor.geometry = new.geometry
    if node is not None:
        rebase(state, tensor, node, origin)


def resize_(state: State, tensor: Tensor, origin: object, geometry: Geometry, *, changes: bool) -> None:
    """`tensor.resize_(…)`; a write only if the size `changes`, refused for anything that requires grad."""
    if tensor.requires_grad and not state.inference_mode:
        if not tensor.uncertain:
            state.report(Refusal(messages.RESIZE, Event("resize_", origin, tensor)), origin)
        return
    tensor.geometry = geometry
    if changes:
        commit(state, tensor, origin, "resize_", tracked=False)
