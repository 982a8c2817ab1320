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
        node = _recorded(state, plan, arguments, origin, deed)
        if _written(state, plan, arguments, origin, deed, geometries):
            _follow(state, plan, origin, deed, node)
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


def _written(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    deed: _Deed,
    geometries: Sequence[Geometry] | None = None,
) -> bool:
    """The write itself; False if torch refuses it now."""
    operands = [t for name, value in arguments.items() if name not in plan.writes for t in tensors_in(value)]
    for target in deed.targets:
        if overlapping(state, target, operands, origin, plan.base_name, plan.kernel):
            return False
    for index, target in enumerate(deed.targets):
        if geometries is not None and index < len(geometries):
            target.geometry = geometries[index]
        if not commit(state, target, origin, plan.base_name, deed.tracked, changes_values=not plan.reviews):
            return False
    return True


def _follow(state: State, plan: Plan, origin: object, deed: _Deed, node: Node | None) -> None:
    """What is recorded after the write: the new history of what was written, and the results that its node keeps."""
    targets = deed.targets
    if node is None:
        for target in targets:
            target.maybe_grad = target.maybe_grad or deed.maybe
        return
    for target in targets:
        if plan.reviews:
            move_history(target, node)  # the base has the values that it had
        else:
            rebase(state, target, node, origin)
    for index in plan.saved_results:
        if index < len(targets):
            keep(state, node, "result", targets[index], origin, True)
    maybe_saved(targets[index] for index in plan.maybe_saved_results if index < len(targets))


def _foreach_in_place(state: State, plan: Plan, arguments: Mapping[str, object], origin: object) -> list[Tensor]:
    """`torch._foreach_*_`: one in-place operator per item, with a node of its own each.

    All items are checked before one is recorded, all are recorded before one is written, and all written before results are kept.
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
        if all(_written(state, plan, item, origin, deed) for item, deed in zip(items, deeds, strict=True)):
            for deed, node in zip(deeds, nodes, strict=True):
                _follow(state, plan, origin, deed, node)
    return [written for deed in deeds for written in deed.targets]
