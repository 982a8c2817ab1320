"""Methods that end in `_`, or look like it, and write nothing: `detach_`, `requires_grad_`, `retain_grad`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape import messages
from gradguard.tape.hazards import Event, Refusal
from gradguard.tape.views import look

if TYPE_CHECKING:
    from gradguard.tape.state import State
    from gradguard.tape.tensor import Tensor


def detach_(state: State, tensor: Tensor, origin: object) -> None:
    """`tensor.detach_()`: a leaf from now on. No write; refused for views; without effect in inference mode."""
    if state.inference_mode:
        return
    if tensor.base is not None:
        if not tensor.uncertain:
            state.report(Refusal(messages.DETACH_OF_VIEW, Event("detach_", origin, tensor)), origin)
        return
    tensor.node = None
    tensor.output = 0
    tensor.wants_grad = False
    tensor.maybe_grad = False
    state.detached[tensor] = Event("detach_", origin, tensor)


def requires_grad_(state: State, tensor: Tensor, flag: bool, origin: object) -> None:
    """`tensor.requires_grad_(flag)`; refused for computed tensors, integers and, outside inference mode, inference tensors."""
    text = None
    if tensor.node is not None and not flag:
        text = messages.REQUIRES_GRAD_FALSE_OF_NON_LEAF
    elif flag and tensor.geometry.floating is False:
        text = messages.REQUIRES_GRAD_OF_INTEGERS
    elif flag and tensor.inference and not state.inference_mode:
        text = messages.INFERENCE_REQUIRES_GRAD
    if text is not None:
        if not tensor.uncertain:
            state.report(Refusal(text, Event("requires_grad_", origin, tensor)), origin)
        return
    tensor.wants_grad = flag
    tensor.maybe_grad = False


def retain_grad(state: State, tensor: Tensor, origin: object) -> None:
    """`tensor.retain_grad()`: its `.grad` will be filled; after an in-place write, for the new value."""
    if not tensor.requires_grad:
        if not tensor.maybe_grad:
            state.report(Refusal(messages.RETAIN_GRAD, Event("retain_grad", origin, tensor)), origin)
        return
    if tensor.node is None or tensor.retains_grad:
        return
    node = look(state, tensor, origin)
    if node is not None:
        tensor.retains_grad = True
        state.listening = True
        node.retained = [*(node.retained or ()), tensor]
