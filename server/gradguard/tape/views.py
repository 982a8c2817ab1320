"""Views and their gradient functions: how one is made, and how a stale one is made anew.

A view looks at its base again after any write of its family (torch: VariableHooks::grad_fn, handle_view_on_rebase).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from gradguard.tape import messages
from gradguard.tape.hazards import Event, ForbiddenViewWritten, Write
from gradguard.tape.node import Node
from gradguard.tape.tensor import CUSTOM_FUNCTION, DEFAULT, INFERENCE, MULTI_OUTPUT, NO_GRAD, Tensor

if TYPE_CHECKING:
    from gradguard.tape.state import State
    from gradguard.torchfacts.geometry import Geometry

Reason = Literal["multi_output", "no_grad", "inference", "custom_function"]

REASONS: Final[dict[int, Reason]] = {
    MULTI_OUTPUT: "multi_output",
    NO_GRAD: "no_grad",
    INFERENCE: "inference",
    CUSTOM_FUNCTION: "custom_function",
}
# Torch remakes these by calling them again, where other views become an as_strided of the base.
_REMADE_AS_THEMSELVES: Final = {"ViewAsRealBackward0", "ViewAsComplexBackward0", "ConjBackward0", "NegViewBackward0"}
_ACCUMULATES_FIRST: Final = 1 << 62


def make_view(
    state: State,
    source: Tensor,
    operator: str,
    origin: object,
    geometry: Geometry,
    node: Node | None,
    output: int = 0,
    *,
    multi: bool = False,
) -> Tensor:
    """A view of `source`; `node` is its gradient function if the view is recorded."""
    view = Tensor(operator, origin, geometry, source.storage, None if source.inference else source.counter)
    view.parent = source
    view.bypass = source.bypass
    view.maybe_grad = source.maybe_grad
    if source.inference:
        view.inference = True
        view.counter.counts = False
        view.counter.uncertain = source.uncertain
        return view
    root = source.base
    if state.inference_mode:
        meta = INFERENCE
    elif not state.grad_mode:
        meta = NO_GRAD
    else:
        meta = MULTI_OUTPUT if multi else DEFAULT
    if root is not None and (meta == DEFAULT or source.meta == INFERENCE):
        meta = source.meta
    view.base = source if root is None else root
    view.meta = meta
    view.node = node
    view.output = output
    return view


def look(state: State, tensor: Tensor, origin: object) -> Node | None:
    """The gradient function, as torch's `.grad_fn` finds it: made anew from the base if the view family was written since.

    A view that must not be remade is reported as used after the write, and then remade all the same.
    """
    base = tensor.base
    if base is None:
        return tensor.node
    counter = tensor.counter
    if tensor.seen == counter.version or (tensor.node is None and not base.requires_grad):
        return tensor.node
    old = tensor.node
    if tensor.meta != DEFAULT and not counter.uncertain:
        _report_stale(state, tensor, old, origin)
    name = old.name if old is not None and old.name in _REMADE_AS_THEMSELVES else "AsStridedBackward0"
    edge = edge_of(state, base, origin)
    move_history(tensor, state.node(name, tensor.operator, tensor.origin, (edge,), (base.output,)))
    return tensor.node


def move_history(tensor: Tensor, node: Node) -> None:
    """Make `node` the gradient function of `tensor`; `retain_grad` follows it there, hooks do not."""
    old = tensor.node
    tensor.node = node
    tensor.output = 0
    tensor.seen = tensor.counter.version
    if tensor.retains_grad:
        if old is not None and old.retained is not None and tensor in old.retained:
            old.retained.remove(tensor)
        node.retained = [*(node.retained or ()), tensor]


def _report_stale(state: State, tensor: Tensor, node: Node | None, origin: object) -> None:
    text = messages.forbidden_view(tensor.meta, node.name if node else None, tensor.output, indirect=True)
    write = first_write_after(tensor, tensor.seen)
    if write is not None:
        view = Event(tensor.operator, tensor.origin, tensor)
        use = Event("", origin, tensor)
        state.report(ForbiddenViewWritten(text, REASONS[tensor.meta], view, write, use), write.origin)


def first_write_after(tensor: Tensor, version: int) -> Write | None:
    """The first write of the tensor's view family after `version`, None if it was not seen."""
    for entry in tensor.counter.writes:
        if entry.version > version:
            return entry.write
    return None


def edge_of(state: State, tensor: Tensor, origin: object) -> Node | None:
    """The node that the tensor's gradient flows to: its gradient function, the leaf's accumulator, or none."""
    node = look(state, tensor, origin) if tensor.base is not None else tensor.node
    if node is None and tensor.wants_grad:
        node = tensor.accumulator
        if node is None:
            node = Node("AccumulateGrad", "AccumulateGrad", tensor.origin, _ACCUMULATES_FIRST, (), ())
            node.leaf = tensor
            tensor.accumulator = node
    return node
