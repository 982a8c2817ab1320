"""In-place writes: what torch checks before one, and what one leaves behind.

The order of the checks is torch's (generated VariableType code, `check_inplace`): how the view was created, a view of a leaf, a leaf;
then the node takes its edges and saves; then the kernel looks at overlapping memory; then the counter moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape import messages
from gradguard.tape.hazards import (
    Event,
    ForbiddenViewWritten,
    GradientWritten,
    InferenceTensorMisused,
    LeafWritten,
    OverlappingMemoryWritten,
    Write,
)
from gradguard.tape.overlap import refusal
from gradguard.tape.tensor import DEFAULT, append
from gradguard.tape.views import REASONS, edge_of, look, move_history

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradguard.tape.hazards import Bypass
    from gradguard.tape.node import Node, SavedTensor
    from gradguard.tape.state import State
    from gradguard.tape.tensor import Counter, Tensor


class LoggedWrite:
    """One write, as hovers and hints read it.

    `version`: the counter after it. `tracked`: it became part of the graph. `grad_mode`: at the write. `saves`: what nodes still kept of
    the written view family at that moment.
    """

    __slots__ = (
        "_clock",
        "_saves_before",
        "bypass",
        "counter",
        "grad_mode",
        "maybe_saved",
        "operator",
        "origin",
        "tensor",
        "tracked",
        "version",
    )

    def __init__(
        self, state: State, operator: str, tensor: Tensor, origin: object, bypass: Bypass | None, tracked: bool
    ) -> None:
        counter = tensor.counter
        self.operator = operator
        self.tensor = tensor
        self.counter: Counter = counter
        self.version = counter.version
        self.origin = origin
        self.bypass = bypass
        self.tracked = tracked
        self.grad_mode = state.grad_mode
        self.maybe_saved = counter.maybe_saved or counter.uncertain
        self._saves_before = len(counter.saves)
        self._clock = state.clock

    @property
    def write(self) -> Write:
        """The event, for a hazard."""
        return Write(self.operator, self.tensor, self.version, self.origin, self.bypass)

    @property
    def saves(self) -> list[SavedTensor]:
        """What nodes kept of the family when the write happened, and no backward had freed."""
        before = self.counter.saves[: self._saves_before]
        return [s for s in before if s.node.freed is None or s.node.freed_clock > self._clock]


def refused(state: State, tensor: Tensor, origin: object, operator: str) -> bool:
    """Whether torch refuses a tracked write to `tensor`; the hazard is recorded."""
    base = tensor.base
    if base is not None:
        if tensor.meta != DEFAULT:
            if not tensor.uncertain:
                _report_forbidden_view(state, tensor, origin, operator)
            return True
        if base.node is None and tensor.requires_grad:
            _report_leaf(state, messages.VIEW_OF_LEAF, base, tensor, origin, operator)
            return True
    if tensor.node is None and tensor.requires_grad:
        _report_leaf(state, messages.LEAF, tensor, tensor, origin, operator)
        return True
    return False


def _intended(tensor: Tensor, origin: object, operator: str) -> Write:
    """A write that did not happen: the version stays."""
    return Write(operator, tensor, tensor.counter.version, origin, tensor.bypass)


def _report_forbidden_view(state: State, tensor: Tensor, origin: object, operator: str) -> None:
    node = tensor.node
    text = messages.forbidden_view(tensor.meta, node.name if node else None, tensor.output, indirect=False)
    view = Event(tensor.operator, tensor.origin, tensor)
    write = _intended(tensor, origin, operator)
    state.report(ForbiddenViewWritten(text, REASONS[tensor.meta], view, write, None), origin)


def _report_leaf(state: State, text: str, leaf: Tensor, target: Tensor, origin: object, operator: str) -> None:
    if target.uncertain:
        return
    view = None if target is leaf else Event(target.operator, target.origin, target)
    write = _intended(target, origin, operator)
    state.report(LeafWritten(text, write, Event(leaf.operator, leaf.origin, leaf), view), origin)


def overlapping(
    state: State, target: Tensor, operands: Iterable[Tensor], origin: object, operator: str, kernel: str | None = None
) -> bool:
    """Whether the kernel refuses the write because memory surely overlaps; the hazard is recorded."""
    text = refusal(operator if kernel is None else kernel, target, operands)
    if text is None:
        return False
    if not target.uncertain:
        view = Event(target.operator, target.origin, target) if target.parent is not None else None
        state.report(OverlappingMemoryWritten(text, _intended(target, origin, operator), view), origin)
    return True


def bare_node(state: State, name: str, operator: str, tensor: Tensor, others: Sequence[Tensor], origin: object) -> Node:
    """A node that keeps nothing."""
    involved = (tensor, *others)
    edges = [edge_of(state, each, origin) if each.requires_grad else None for each in involved]
    return state.node(name, operator, origin, edges, [each.output for each in involved])


def commit(
    state: State, tensor: Tensor, origin: object, operator: str, tracked: bool, *, changes_values: bool = True
) -> bool:
    """The kernel ran: the counter moves on, and the values changed (unless the tensor is only looked at otherwise, as by `t_`).

    False if torch refuses now, because an inference tensor has no counter outside inference mode; the values are changed all the same.
    """
    storage, counter = tensor.storage, tensor.counter
    storage.content += changes_values
    if not counter.counts:
        if not state.inference_mode and not tensor.uncertain:
            created = Event(tensor.operator, tensor.origin, tensor)
            write = _intended(tensor, origin, operator)
            state.report(InferenceTensorMisused(messages.INFERENCE_WRITTEN, created, write, None), origin)
            # What follows from one mistake is no further one: it goes on as a normal tensor.
            tensor.inference = False
            counter.counts = True
            return False
        return state.inference_mode
    counter.version += 1
    state.clock += 1
    entry = LoggedWrite(state, operator, tensor, origin, tensor.bypass, tracked)
    counter.writes = append(counter.writes, entry)
    state.writes.append(entry)
    if changes_values:
        storage.log = append(storage.log, (storage.content, entry))
        if storage.received is not None:
            state.report(GradientWritten(entry.write, storage.received), origin)
    return True


def commit_past_counter(state: State, tensor: Tensor, origin: object, operator: str, bypass: Bypass) -> None:
    """The values changed, and no counter moved."""
    storage = tensor.storage
    storage.content += 1
    state.clock += 1
    entry = LoggedWrite(state, operator, tensor, origin, bypass, tracked=False)
    storage.log = append(storage.log, (storage.content, entry))
    state.writes.append(entry)


def rebase(state: State, tensor: Tensor, node: Node, origin: object) -> None:
    """Make `node` the history of the written tensor; for a view, of its base, through a CopySlices."""
    base = tensor.base
    if base is None:
        move_history(tensor, node)
        return
    slices = state.node(
        "CopySlices",
        node.operator,
        node.origin,
        (edge_of(state, base, origin), *node.edges[1:]),
        (base.output, *node.outputs[1:]),
    )
    slices.inner = node
    move_history(base, slices)
    tensor.output = 0
    look(state, tensor, origin)
