"""What happens to gradients on their way: accumulated into leaves, kept for `retain_grad`, shown to hooks and custom backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradguard.tape import messages
from gradguard.tape.hazards import Event, InferenceTensorMisused, Write
from gradguard.tape.tensor import Tensor, append
from gradguard.tape.writes import LoggedWrite
from gradguard.torchfacts.geometry import Geometry

if TYPE_CHECKING:
    from gradguard.tape.backward import Run
    from gradguard.tape.node import Node

# Their derivative hands on the very gradient it was given (or a view of it); the derivative of `sum` is an expanded scalar.
HANDS_ON: Final = {
    "AddBackward0",
    "CloneBackward0",
    "ViewBackward0",
    "ReshapeAliasBackward0",
    "UnsqueezeBackward0",
    "TBackward0",
    "TransposeBackward0",
    "PermuteBackward0",
    "AliasBackward0",
}
_EXPANDS: Final = {"SumBackward0", "SumBackward1"}


def accumulate(run: Run, leaf: Tensor) -> None:
    """Fill the leaf's `.grad`: afresh, else in place; with create_graph out of place. A frozen leaf gets none."""
    if not leaf.wants_grad:
        return
    old = leaf.grad
    if old is None or run.create_graph:
        leaf.grad = _fresh(run, leaf.geometry)
        if run.second is not None and leaf.accumulator is not None:
            leaf.grad.node = run.second.gradient((leaf.accumulator, 0)).node
            leaf.grad.maybe_grad = leaf.grad.node is None
    elif not old.counter.counts and not run.state.inference_mode:
        _report_inference(run, old)
    else:
        _add_in_place(run, old)


def _add_in_place(run: Run, gradient: Tensor) -> None:
    """The engine's own write of a `.grad`; it is none of the program's (`Tape.writes`), but what saved the old value meets it."""
    storage, counter = gradient.storage, gradient.counter
    storage.content += 1
    if counter.counts:
        counter.version += 1
    entry = LoggedWrite(run.state, "backward", gradient, run.event.origin, gradient.bypass, tracked=False)
    counter.writes = append(counter.writes, entry)
    storage.log = append(storage.log, (storage.content, entry))


def _fresh(run: Run, geometry: Geometry) -> Tensor:
    gradient = Tensor("backward", run.event.origin, geometry)
    if run.second is None:
        gradient.maybe_grad = run.create_graph
    if run.state.inference_mode:
        gradient.inference = True
        gradient.counter.counts = False
    return gradient


def _report_inference(run: Run, gradient: Tensor) -> None:
    """A backward in inference mode left an inference tensor as `.grad`, and this one adds to it outside."""
    created = Event(gradient.operator, gradient.origin, gradient)
    write = Write("backward", gradient, gradient.version, run.event.origin)
    hazard = InferenceTensorMisused(messages.INFERENCE_WRITTEN, created, write, None)
    run.state.report(hazard, (gradient.origin, run.event.origin))


def fill_retained(run: Run, node: Node) -> None:
    """`.grad` of the results that asked for it by `retain_grad`."""
    for tensor in node.retained or ():
        if tensor.output in run.arrived.get(node, {tensor.output: None}):
            tensor.grad = _fresh(run, tensor.geometry)


def call_hooks(run: Run, node: Node) -> None:
    """Show each hooked output's gradient to its hook, in the order of registration; None if none came."""
    for tensor, output, hook in node.hooks or ():
        contributors = run.arrived.get(node, {}).get(output)
        hook(None if contributors is None else _gradient(run, tensor.geometry, contributors, "hook"))


def received_by(run: Run, node: Node) -> list[Tensor | None]:
    """The gradients that a custom Function's backward is handed, one per result (None: no gradient came)."""
    arrived = run.arrived.get(node, {})
    return [
        _gradient(run, geometry, arrived[output], node.name) if output in arrived else None
        for output, geometry in enumerate(node.result_geometries)
    ]


def asked_for(run: Run, tensor: Tensor, edge: tuple[Node, int]) -> Geometry:
    """How the gradient that `autograd.grad` gives for `tensor`, which stands at `edge`, lies in memory."""
    node, output = edge
    return _expansion(run, tensor.geometry, run.arrived.get(node, {}).get(output, [])) or tensor.geometry


def _expansion(run: Run, geometry: Geometry, contributors: list[Node | None]) -> Geometry | None:
    if len(contributors) == 1 and _expanded(run, contributors[0]) and geometry.shape is not None:
        return Geometry(geometry.shape, (0,) * len(geometry.shape), 0, geometry.dtype)
    return None


def _gradient(run: Run, geometry: Geometry, contributors: list[Node | None], operator: str) -> Tensor:
    known = _expansion(run, geometry, contributors)
    gradient = _fresh(run, known or Geometry(geometry.shape, None, None, geometry.dtype))
    gradient.storage.received = Event(operator, run.event.origin, gradient)
    return gradient


def _expanded(run: Run, contributor: Node | None) -> bool:
    """Whether the gradient that came from `contributor` surely is an expanded scalar."""
    while contributor is not None and contributor.name in HANDS_ON:
        above = run.arrived.get(contributor, {}).get(0, [])
        if len(above) != 1:
            return False
        contributor = above[0]
    return contributor is not None and contributor.name in _EXPANDS
