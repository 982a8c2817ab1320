"""Running one operator: the node it makes, the results, what is a view of what. In place: `in_place`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape import messages
from gradguard.tape.hazards import Event, Refusal
from gradguard.tape.in_place import in_place
from gradguard.tape.plans import FUNCTIONAL, IN_PLACE, OUT, UNCOUNTED, plan_of
from gradguard.tape.recording import all_inference, differentiable_operands, keep, make_node, maybe_saved, tensors_in
from gradguard.tape.tensor import Tensor, alias_of
from gradguard.tape.views import edge_of, make_view
from gradguard.tape.writes import commit, commit_past_counter
from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradguard.tape.hazards import Bypass
    from gradguard.tape.plans import Plan
    from gradguard.tape.state import State
    from gradguard.torchfacts.geometry import Geometry
    from gradguard.torchfacts.operator import Operator

Arguments = "Mapping[str, object]"


def run(
    state: State,
    operator: Operator,
    arguments: Mapping[str, object],
    origin: object,
    results: Sequence[Geometry] | None,
    as_view: bool | None,
) -> list[Tensor]:
    """See `Tape.apply`."""
    plan = plan_of(operator)
    kind = plan.kind
    if not plan.known and kind != IN_PLACE:
        return _unknown(state, plan, arguments, origin, results)
    if kind == FUNCTIONAL:
        return _functional(state, plan, arguments, origin, results)
    if kind == IN_PLACE:
        return in_place(state, plan, arguments, origin, results)
    if kind == OUT:
        return _out(state, plan, arguments, origin)
    if kind == UNCOUNTED:
        return _uncounted(state, plan, arguments, origin, results)
    if plan.maybe_view and as_view is not True:
        tensors = _functional(state, plan, arguments, origin, results)
        if as_view is None:
            for tensor in tensors:
                tensor.counter.uncertain = True
        return tensors
    return _view(state, plan, arguments, origin, results)


def _functional(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    geometries: Sequence[Geometry] | None,
) -> list[Tensor]:
    node = None
    maybe = False
    if plan.node is not None and state.grad_mode and not state.inference_mode:
        involved = differentiable_operands(plan, arguments)
        for tensor in involved:
            if tensor.requires_grad and not (tensor.inference and all_inference(arguments)):
                node = make_node(state, plan, plan.node, arguments, origin, involved)
                break
            if tensor.maybe_grad:
                maybe = True
    if node is not None and plan.foreach:
        node.items = _item_of_each_edge(plan, arguments)
        state.listening = True
    count = plan.results if geometries is None else len(geometries)
    name = plan.name
    tensors: list[Tensor] = []
    output = 0  # results that no gradient flows through are not counted
    for index in range(count):
        tensor = Tensor(name, origin, UNKNOWN_GEOMETRY if geometries is None else geometries[index])
        if node is not None:
            if _differentiable_result(plan, index):
                if tensor.geometry.floating is not False:
                    tensor.node = node
                    tensor.output = output
                output += 1
        elif maybe and _differentiable_result(plan, index):
            tensor.maybe_grad = True
        if state.inference_mode:
            tensor.inference = True
            tensor.counter.counts = False
        tensors.append(tensor)
    if node is not None:
        for index in range(count) if plan.foreach and plan.saved_results else plan.saved_results:
            if index < count:
                keep(state, node, "result", tensors[index], origin, True)
        maybe_saved(tensors[index] for index in plan.maybe_saved_results if index < count)
    elif maybe:
        for saved in plan.saved:
            maybe_saved(tensors_in(arguments.get(saved.name)))
        maybe_saved(tensors[index] for index in plan.saved_results if index < count)
    if plan.copies and tensors:
        source = arguments.get("self")
        if isinstance(source, Tensor):
            tensors[0].copied = (source.storage, source.storage.content)
    return tensors


def _item_of_each_edge(plan: Plan, arguments: Mapping[str, object]) -> list[int | None]:
    """Which item of its list each tensor is that a gradient can flow to; None if it is no list's."""
    items: list[int | None] = []
    for name in plan.differentiable:
        value = arguments.get(name)
        items += [None] if isinstance(value, Tensor) else range(len(list(tensors_in(value))))
    return items


def _differentiable_result(plan: Plan, index: int) -> bool:
    flags = plan.differentiable_results
    return index >= len(flags) or flags[index]


def _view(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    geometries: Sequence[Geometry] | None,
) -> list[Tensor]:
    source = arguments.get(plan.view_of)
    if not isinstance(source, Tensor):
        return _functional(state, plan, arguments, origin, geometries)
    if geometries is None:
        geometries = (UNKNOWN_GEOMETRY,) * max(plan.results, 1)
    if plan.unsafe:
        tensors = _functional(state, plan, arguments, origin, geometries)
        for tensor in tensors:
            tensor.storage = source.storage
            tensor.parent = source
            tensor.bypass = "storage"
            tensor.inference = source.inference
            tensor.counter.counts = not source.inference
        return tensors
    if plan.node is None:
        aliases = [alias_of(source, plan.name, origin, state.inference_mode) for _ in geometries]
        for alias, geometry in zip(aliases, geometries, strict=True):
            alias.geometry = geometry
        return aliases
    node = None
    if state.grad_mode and not state.inference_mode and source.requires_grad:
        node = state.node(plan.node, plan.name, origin, (edge_of(state, source, origin),), (source.output,))
        node.private = plan.saves_private
    return [
        make_view(state, source, plan.name, origin, geometry, node, index, multi=plan.multi)
        for index, geometry in enumerate(geometries)
    ]


def _unknown(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    geometries: Sequence[Geometry] | None,
) -> list[Tensor]:
    """An operator whose behaviour could not be measured: its results are uncertain, and it may keep whatever it was given."""
    involved = [tensor for value in arguments.values() for tensor in tensors_in(value)]
    tracked = state.tracking and any(tensor.requires_grad or tensor.maybe_grad for tensor in involved)
    if tracked:
        maybe_saved(involved)
    tensors = []
    for geometry in geometries if geometries is not None else (UNKNOWN_GEOMETRY,) * plan.results:
        tensor = Tensor(plan.name, origin, geometry)
        tensor.counter.uncertain = True
        tensor.maybe_grad = tracked
        tensors.append(tensor)
    return tensors


def _out(state: State, plan: Plan, arguments: Mapping[str, object], origin: object) -> list[Tensor]:
    """`out=`: refused if anything involved requires grad in grad mode, else a bare write."""
    targets = [tensor for name in plan.writes for tensor in tensors_in(arguments.get(name))]
    if state.grad_mode and not state.inference_mode:
        if any(tensor.requires_grad for value in arguments.values() for tensor in tensors_in(value)):
            text = messages.out_argument(plan.base_name)
            state.report(Refusal(text, Event(plan.base_name, origin, targets[0] if targets else None)), origin)
            return targets
    for target in targets:
        commit(state, target, origin, plan.base_name, tracked=False)
    return targets


def _uncounted(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    geometries: Sequence[Geometry] | None,
) -> list[Tensor]:
    """Fresh results, and writes that no counter sees."""
    tensors = _functional(state, plan, arguments, origin, geometries)
    bypass: Bypass = "fused" if plan.base_name.startswith("_fused") else "storage"
    for name in plan.writes:
        for target in tensors_in(arguments.get(name)):
            commit_past_counter(state, target, origin, plan.base_name, bypass)
    return tensors
