"""What an operator's node keeps: its edges and saved tensors, read off the operator's facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape import messages
from gradguard.tape.hazards import Event, InferenceTensorMisused
from gradguard.tape.node import SavedTensor
from gradguard.tape.plans import NOT_IMPLEMENTED
from gradguard.tape.tensor import Tensor, append
from gradguard.tape.views import edge_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradguard.tape.node import Node
    from gradguard.tape.plans import Plan
    from gradguard.tape.state import State


def tensors_in(value: object) -> Iterable[Tensor]:
    """The tensors in an argument: itself, or those of a sequence."""
    if isinstance(value, Tensor):
        return (value,)
    if isinstance(value, (list, tuple)):
        return [item for item in value if isinstance(item, Tensor)]
    return ()


def differentiable_operands(plan: Plan, arguments: Mapping[str, object]) -> list[Tensor]:
    """The tensors a gradient can flow to, in the operator's order."""
    found: list[Tensor] = []
    for name in plan.differentiable:
        value = arguments.get(name)
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found.extend(item for item in value if isinstance(item, Tensor))
    return found


def make_node(
    state: State, plan: Plan, name: str, arguments: Mapping[str, object], origin: object, involved: list[Tensor]
) -> Node:
    """The node with its edges and what it keeps of the arguments."""
    edges: list[Node | None] = []
    outputs: list[int] = []
    unsure = False
    for tensor in involved:
        edge = tensor.node
        if tensor.base is not None or edge is None:
            edge = edge_of(state, tensor, origin) if tensor.requires_grad else None
            unsure = unsure or tensor.maybe_grad
        edges.append(edge)
        outputs.append(tensor.output)
    node = state.node(name, plan.name, origin, edges, outputs)
    node.private = plan.saves_private
    node.unsure = unsure
    if name == NOT_IMPLEMENTED:
        node.refuses = messages.not_implemented("aten::" + plan.base_name)
    for saved in plan.saved:
        value = arguments.get(saved.name)
        if value is None:
            continue
        guard: tuple[Node, ...] = ()
        if saved.only_if:
            guard = _edges_of_arguments(plan, arguments, saved.only_if, edges)
            if not guard:
                if any(t.maybe_grad for each in saved.only_if for t in tensors_in(arguments.get(each))):
                    maybe_saved(tensors_in(value))
                continue
        if isinstance(value, Tensor):
            if saved.clone or saved.name in plan.writes:
                node.private = True
            else:
                keep(state, node, saved.name, value, origin, False, saved.values_used, guard)
        elif isinstance(value, (list, tuple)):
            for item in value:
                if isinstance(item, Tensor):
                    keep(state, node, saved.name, item, origin, False, saved.values_used, guard)
        elif isinstance(value, (int, float, complex)) and saved.name in plan.numbers:
            node.private = True
    for each in plan.maybe_saved:
        maybe_saved(tensors_in(arguments.get(each)))
    return node


def maybe_saved(tensors: Iterable[Tensor]) -> None:
    """Whether a node keeps these is not known."""
    for tensor in tensors:
        tensor.counter.maybe_saved = True


def _edges_of_arguments(
    plan: Plan, arguments: Mapping[str, object], names: tuple[str, ...], edges: Sequence[Node | None]
) -> tuple[Node, ...]:
    """The edges that belong to the arguments `names`."""
    found: list[Node] = []
    index = 0
    for name in plan.differentiable:
        for _ in tensors_in(arguments.get(name)):
            edge = edges[index]
            if edge is not None and name in names:
                found.append(edge)
            index += 1
    return tuple(found)


def keep(
    state: State,
    node: Node,
    argument: str,
    tensor: Tensor,
    origin: object,
    is_result: bool,
    values_used: bool = True,
    guard: tuple[Node, ...] = (),
) -> None:
    """Let `node` save `tensor`. An inference tensor cannot be saved: torch raises here."""
    if tensor.inference:
        if not tensor.uncertain:
            created = Event(tensor.operator, tensor.origin, tensor)
            use = Event(node.operator, origin, tensor)
            hazard = InferenceTensorMisused(messages.INFERENCE_SAVED, created, None, use)
            state.report(hazard, origin)
        node.private = True
        return
    saved = SavedTensor(node, argument, tensor, is_result, values_used, guard)
    if state.saved_hooks:
        saved.hooks = state.saved_hooks[-1]
    node.saved = append(node.saved, saved)


def all_inference(arguments: Mapping[str, object]) -> bool:
    """Whether autograd passes the call by because all its tensors were made in inference mode (they may require grad nevertheless)."""
    return all(tensor.inference for value in arguments.values() for tensor in tensors_in(value))
