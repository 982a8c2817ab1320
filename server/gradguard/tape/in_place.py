"""Running an operator in place: what torch checks, records and writes, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradguard.tape.plans import NOT_IMPLEMENTED
from gradguard.tape.recording import all_inference, differentiable_operands, keep, make_node, maybe_saved, tensors_in
from gradguard.tape.tensor import Tensor
from gradguard.tape.views import move_history
from gradguard.tape.writes import commit, overlapping, rebase, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradguard.tape.node import Node
    from gradguard.tape.plans import Plan
    from gradguard.tape.state import State
    from gradguard.torchfacts.geometry import Geometry


def in_place(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    geometries: Sequence[Geometry] | None,
) -> list[Tensor]:
    """Writes that move the counter. The written tensors are returned; their geometry changes only if one is given."""
    if isinstance(arguments.get(plan.writes[0]), (list, tuple)):
        return _foreach_in_place(state, plan, arguments, origin)
    deed = _checked(state, plan, arguments, origin, arguments)
    if not deed.refused:
        _perform(state, plan, arguments, origin, deed, _recorded(state, plan, arguments, origin, deed), geometries)
    return deed.targets


class _Deed(NamedTuple):
    """An in-place operator about to run: what it writes, whether that is recorded (or `maybe` is), and whether torch refuses it."""

    targets: list[Tensor]
    tracked: bool
    maybe: bool
    refused: bool


def _checked(
    state: State, plan: Plan, arguments: Mapping[str, object], origin: object, deciding: Mapping[str, object]
) -> _Deed:
    """What torch finds before an in-place operator runs; it is recorded if some of the arguments `deciding` require a gradient."""
    targets = [tensor for name in plan.writes for tensor in tensors_in(arguments.get(name))]
    maybe = not plan.known and state.tracking
    tracked = False
    if plan.node is not None and state.grad_mode and not state.inference_mode:
        for tensor in differentiable_operands(plan, deciding):
            tracked = tracked or tensor.requires_grad
            maybe = maybe or tensor.maybe_grad
        tracked = tracked and not (targets[0].inference and all_inference(arguments))
    stopped = tracked and any(refused(state, target, origin, plan.base_name) for target in targets)
    return _Deed(targets, tracked, maybe, stopped)


def _recorded(state: State, plan: Plan, arguments: Mapping[str, object], origin: object, deed: _Deed) -> Node | None:
    """The node of an in-place operator, made before it writes."""
    if not deed.tracked or plan.node is None:
        return None
    return make_node(state, plan, plan.node, arguments, origin, differentiable_operands(plan, arguments))


def _perform(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    deed: _Deed,
    node: Node | None,
    geometries: Sequence[Geometry] | None,
) -> bool:
    """The write itself, and what is recorded after it; False if torch refuses it now."""
    targets = deed.targets
    operands = [t for name, value in arguments.items() if name not in plan.writes for t in tensors_in(value)]
    for target in targets:
        if overlapping(state, target, operands, origin, plan.base_name, plan.kernel):
            return False
    for index, target in enumerate(targets):
        if geometries is not None and index < len(geometries):
            target.geometry = geometries[index]
        if not commit(state, target, origin, plan.base_name, node is not None, changes_values=not plan.reviews):
            return False
        if node is not None:
            if plan.reviews:
                move_history(target, node)  # the base has the values that it had
            else:
                rebase(state, target, node, origin)
        elif deed.maybe:
            target.maybe_grad = True
    if node is not None:
        for index in plan.saved_results:
            if index < len(targets):
                keep(state, node, "result", targets[index], origin, True)
        maybe_saved(targets[index] for index in plan.maybe_saved_results if index < len(targets))
    return True


def _foreach_in_place(state: State, plan: Plan, arguments: Mapping[str, object], origin: object) -> list[Tensor]:
    """`torch._foreach_*_`: one in-place operator per item, with a node of its own each.

    All items are checked before one is recorded, and all are recorded before one is written.
    """
    target = plan.writes[0]
    lists = {name: value for name, value in arguments.items() if isinstance(value, (list, tuple))}
    items = [
        {**arguments, **{name: value[index] for name, value in lists.items() if index < len(value)}}
        for index in range(len(lists[target]))
    ]
    deeds: list[_Deed] = []
    for item in items:
        # Where there is no derivative torch asks whether any operand of any item requires a gradient.
        deciding = {**arguments, target: item[target]} if plan.node == NOT_IMPLEMENTED else item
        deeds.append(_checked(state, plan, item, origin, deciding))
        if deeds[-1].refused:
            break
    else:
        nodes = [_recorded(state, plan, item, origin, deed) for item, deed in zip(items, deeds, strict=True)]
        for item, deed, node in zip(items, deeds, nodes, strict=True):
            if not _perform(state, plan, item, origin, deed, node, None):
                break
    return [written for deed in deeds for written in deed.targets]
