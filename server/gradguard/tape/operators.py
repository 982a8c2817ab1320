"""Running one operator: the node it makes, what the node keeps, what is written, what is a view of what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradguard.tape import messages
from gradguard.tape.hazards import Event, InferenceTensorMisused, Refusal
from gradguard.tape.node import SavedTensor
from gradguard.tape.plans import FUNCTIONAL, IN_PLACE, NOT_IMPLEMENTED, OUT, UNCOUNTED, plan_of
from gradguard.tape.tensor import Tensor, alias_of, append
from gradguard.tape.views import edge_of, make_view
from gradguard.tape.writes import commit, commit_past_counter, overlapping, rebase, refused
from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradguard.tape.hazards import Bypass
    from gradguard.tape.node import Node
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


def tensors_in(value: object) -> Iterable[Tensor]:
    """The tensors in an argument: itself, or those of a sequence."""
    if isinstance(value, Tensor):
        return (value,)
    if isinstance(value, (list, tuple)):
        return [item for item in value if isinstance(item, Tensor)]
    return ()


def _involved(plan: Plan, arguments: Mapping[str, object]) -> list[Tensor]:
    """The tensors a gradient can flow to, in the operator's order."""
    found: list[Tensor] = []
    for name in plan.differentiable:
        value = arguments.get(name)
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found.extend(item for item in value if isinstance(item, Tensor))
    return found


def _make_node(
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
                    _maybe_saved(tensors_in(value))
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
        _maybe_saved(tensors_in(arguments.get(each)))
    return node


def _maybe_saved(tensors: Iterable[Tensor]) -> None:
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
        involved = _involved(plan, arguments)
        for tensor in involved:
            if tensor.requires_grad and not (tensor.inference and _all_inference(arguments)):
                node = _make_node(state, plan, plan.node, arguments, origin, involved)
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
        _maybe_saved(tensors[index] for index in plan.maybe_saved_results if index < count)
    elif maybe:
        for saved in plan.saved:
            _maybe_saved(tensors_in(arguments.get(saved.name)))
        _maybe_saved(tensors[index] for index in plan.saved_results if index < count)
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


def _all_inference(arguments: Mapping[str, object]) -> bool:
    """Whether autograd passes the call by because all its tensors were made in inference mode (they may require grad nevertheless)."""
    return all(tensor.inference for value in arguments.values() for tensor in tensors_in(value))


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
    deed = _prepare(state, plan, arguments, origin, arguments)
    if not deed.refused:
        _perform(state, plan, arguments, origin, deed, geometries)
    return deed.targets


class _Deed(NamedTuple):
    """An in-place operator about to run: what it writes, its node if it makes one, and what is not known of it."""

    targets: list[Tensor]
    node: Node | None = None
    maybe: bool = False
    refused: bool = False


def _prepare(
    state: State, plan: Plan, arguments: Mapping[str, object], origin: object, deciding: Mapping[str, object]
) -> _Deed:
    """What torch does before an in-place operator writes, if `deciding` require gradients: it checks the targets and saves."""
    targets = [tensor for name in plan.writes for tensor in tensors_in(arguments.get(name))]
    node = None
    maybe = not plan.known and state.tracking
    if plan.node is not None and state.grad_mode and not state.inference_mode:
        tracked = False
        for tensor in _involved(plan, deciding):
            tracked = tracked or tensor.requires_grad
            maybe = maybe or tensor.maybe_grad
        if tracked and not (targets[0].inference and _all_inference(arguments)):
            for target in targets:
                if refused(state, target, origin, plan.base_name):
                    return _Deed(targets, refused=True)
            node = _make_node(state, plan, plan.node, arguments, origin, _involved(plan, arguments))
    return _Deed(targets, node, maybe)


def _perform(
    state: State,
    plan: Plan,
    arguments: Mapping[str, object],
    origin: object,
    deed: _Deed,
    geometries: Sequence[Geometry] | None,
) -> None:
    targets, node = deed.targets, deed.node
    operands = [t for name, value in arguments.items() if name not in plan.writes for t in tensors_in(value)]
    for target in targets:
        if overlapping(state, target, operands, origin, plan.base_name, plan.kernel):
            return
    for index, target in enumerate(targets):
        if geometries is not None and index < len(geometries):
            target.geometry = geometries[index]
        if not commit(state, target, origin, plan.base_name, node is not None):
            return
        if node is not None:
            rebase(state, target, node, origin)
        elif deed.maybe:
            target.maybe_grad = True
    if node is not None:
        for index in plan.saved_results:
            if index < len(targets):
                keep(state, node, "result", targets[index], origin, True)
        _maybe_saved(targets[index] for index in plan.maybe_saved_results if index < len(targets))


def _foreach_in_place(state: State, plan: Plan, arguments: Mapping[str, object], origin: object) -> list[Tensor]:
    """`torch._foreach_*_`: one in-place operator per item, with a node of its own each; all are checked before one writes."""
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
        deed = _prepare(state, plan, item, origin, deciding)
        deeds.append(deed)
        if deed.refused:
            break
    else:
        for item, deed in zip(items, deeds, strict=True):
            _perform(state, plan, item, origin, deed, None)
    return [written for deed in deeds for written in deed.targets]


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
        _maybe_saved(involved)
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
