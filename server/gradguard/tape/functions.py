"""Custom `autograd.Function`s: what `apply` does around the user's forward, and what his backward may read.

Follows torch's python_function.cpp and `_wrap_outputs` (custom_function.cpp).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradguard.tape import messages
from gradguard.tape.hazards import CustomFunctionMisuse, Event, Write
from gradguard.tape.recording import keep
from gradguard.tape.tensor import CUSTOM_FUNCTION, MULTI_OUTPUT, Tensor, alias_of
from gradguard.tape.views import edge_of, make_view
from gradguard.tape.writes import rebase, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from gradguard.tape.node import Node
    from gradguard.tape.state import State
    from gradguard.tape.tensor import Storage


class FunctionCall:
    """One `apply`: its node (None if nothing is recorded) and what it needs to know when forward has run."""

    __slots__ = ("apply", "contents", "grad_mode", "inputs", "kept", "name", "node", "origin")

    def __init__(self, state: State, name: str, inputs: Sequence[Tensor], origin: object) -> None:
        self.name = name
        self.origin = origin
        self.inputs = inputs
        self.apply = Event(name, origin)
        self.node: Node | None = None
        if state.tracking and any(tensor.requires_grad for tensor in inputs):
            edges = [edge_of(state, t, origin) if t.requires_grad else None for t in inputs]
            self.node = state.node(f"{name}Backward", name, origin, edges, [t.output for t in inputs])
        self.contents = [(t, t.storage, t.storage.content) for t in inputs]
        self.kept: dict[Tensor, tuple[Storage, int]] = {}
        self.grad_mode = state.grad_mode


def enter(state: State, name: str, inputs: Sequence[Tensor], origin: object) -> FunctionCall:
    """Before forward: the edges are taken, and grad mode goes off."""
    call = FunctionCall(state, name, inputs, origin)
    state.grad_mode = False
    return call


def leave(
    state: State,
    call: FunctionCall,
    outputs: Sequence[object],
    *,
    backward: Callable[[list[Tensor | None]], Sequence[Tensor | None] | None] | None,
    saved: Sequence[Tensor],
    dirty: Collection[Tensor],
    non_differentiable: Collection[Tensor],
    kept: Collection[Tensor],
) -> list[object]:
    """After forward: marks, histories and saves; returns what `apply` returns."""
    state.grad_mode = call.grad_mode
    node = call.node
    for tensor in dirty:
        tensor.counter.version += 1
        if not any(output is tensor for output in outputs):
            _report(state, call, "dirty_not_returned", messages.DIRTY_NOT_RETURNED, tensor)
    _note_unmarked_writes(state, call, dirty)
    returned: list[object] = []
    differentiable = 0
    for index, output in enumerate(outputs):
        if not isinstance(output, Tensor):
            returned.append(output)
            continue
        is_differentiable = (
            node is not None and output not in non_differentiable and output.geometry.floating is not False
        )
        differentiable += is_differentiable
        returned.append(_wrap(state, call, output, index, is_differentiable, output in dirty))
    tensors = [output for output in returned if isinstance(output, Tensor)]
    for tensor in tensors:
        if tensor.base is not None and tensor not in dirty:
            tensor.meta = MULTI_OUTPUT if differentiable > 1 else CUSTOM_FUNCTION
    if node is not None:
        node.run = backward
        node.result_geometries = [t.geometry for t in tensors]
        for tensor in saved:
            keep(state, node, "saved_tensors", tensor, call.origin, tensor.node is node)
        for tensor in kept:
            call.kept[tensor] = (tensor.storage, tensor.storage.content)
        state.listening = True
    return returned


def _wrap(state: State, call: FunctionCall, output: Tensor, index: int, differentiable: bool, dirty: bool) -> Tensor:
    node = call.node
    is_input = any(output is tensor for tensor in call.inputs)
    if not differentiable or node is None:
        if not output.requires_grad:
            if is_input and not dirty:
                return make_view(state, output, call.name, call.origin, output.geometry, None)
        elif is_input:
            return alias_of(output, call.name, call.origin, state.inference_mode)
        elif output.base is None:
            output.node = None
            output.wants_grad = False
        return output
    if dirty:
        if output.node is None and output.requires_grad:
            _report(state, call, "dirty_leaf", messages.DIRTY_LEAF, output)
        elif not refused(state, output, call.origin, call.name):
            rebase(state, output, node, call.origin)
            output.grad = None
        return output
    if is_input:
        return make_view(state, output, call.name, call.origin, output.geometry, node, index)
    output.node = node
    output.output = index
    output.seen = output.counter.version
    return output


def _last_write(tensor: Tensor, call: FunctionCall) -> Write:
    writes = tensor.counter.writes
    if writes:
        return writes[-1].write
    return Write("mark_dirty", tensor, tensor.counter.version, call.origin)


def _report(
    state: State, call: FunctionCall, reason: Literal["dirty_leaf", "dirty_not_returned"], text: str, tensor: Tensor
) -> None:
    hazard = CustomFunctionMisuse(text, reason, _last_write(tensor, call), call.apply, None)
    state.report(hazard, call.origin)


def _note_unmarked_writes(state: State, call: FunctionCall, dirty: Collection[Tensor]) -> None:
    """Inputs written without mark_dirty keep their history: whoever uses them from now on gets a wrong gradient."""
    if call.node is None:
        return
    for tensor, storage, content in call.contents:
        if storage.content == content or tensor in dirty or tensor.node is None or tensor.uncertain:
            continue
        for at, entry in storage.log:
            if at > content:
                key = (tensor.node, tensor.output)
                state.unmarked[key] = (call.node, entry.write, call.apply)
                break


def read_saved(state: State, call: FunctionCall) -> list[Tensor]:
    """`ctx.saved_tensors` inside the user's backward: freed and version checks happen now."""
    node, run = call.node, state.run
    if node is None:
        return []
    if run is not None:
        if node.freed is not None:
            run.report_twice(node)
        else:
            run.unpack(node.saved)
    return [saved.tensor for saved in node.saved]


def read_kept(state: State, call: FunctionCall, tensor: Tensor) -> None:
    """A tensor kept on ctx is read inside the user's backward: torch does not check it."""
    run = state.run
    known = call.kept.get(tensor)
    if known is None or run is None or tensor.uncertain:
        return
    storage, content = known
    for at, entry in storage.log:
        if at > content:
            hazard = CustomFunctionMisuse("", "context_tensor_written", entry.write, call.apply, run.event)
            state.report(hazard, entry.origin)
            return
