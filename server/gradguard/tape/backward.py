"""Backward: which nodes run and in which order, what each finds in its saved tensors, what is freed.

Follows torch's engine: latest created node first, accumulators as soon as they are ready, only nodes on a path to a wanted input if some
are wanted. Torch stops at the first bad node; the tape records that hazard first and runs on, as if nothing had been wrong.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from gradguard.tape import messages
from gradguard.tape.gradients import accumulate, call_hooks, fill_retained, received_by
from gradguard.tape.hazards import BackwardTwice, CustomFunctionMisuse, Refusal, SavedDetached, SavedVersionMoved
from gradguard.tape.second_order import SecondOrder
from gradguard.tape.silent import silent_write
from gradguard.tape.tensor import DEFAULT
from gradguard.tape.views import edge_of, first_write_after, look

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradguard.tape.hazards import Event
    from gradguard.tape.node import Node, SavedTensor
    from gradguard.tape.state import State
    from gradguard.tape.tensor import Tensor

Edge = "tuple[Node, int]"


class Run:
    """One call of the engine.

    `wanted`: the inputs asked for, as (node, output); None if every leaf is. `execute_wanted`: `backward(inputs=…)` runs the nodes of
    the inputs themselves too, `autograd.grad` does not. `arrived`: per node, the outputs for which a gradient came, each with the nodes
    that it came from. `captured`: the wanted ones among them. `unsure`: the graph may lead further than is known.
    """

    __slots__ = (
        "arrived",
        "captured",
        "create_graph",
        "event",
        "execute_wanted",
        "needed",
        "retain_graph",
        "second",
        "state",
        "targets",
        "unsure",
        "wanted",
    )

    def __init__(
        self,
        state: State,
        event: Event,
        *,
        retain_graph: bool,
        create_graph: bool,
        wanted: Sequence[tuple[Node, int]] | None = None,
        execute_wanted: bool = False,
    ) -> None:
        self.state = state
        self.event = event
        self.retain_graph = retain_graph
        self.create_graph = create_graph
        self.wanted = None if wanted is None else set(wanted)
        self.execute_wanted = execute_wanted
        self.arrived: dict[Node, dict[int, list[Node | None]]] = {}
        self.captured: set[tuple[Node, int]] = set()
        self.targets = {node for node, _ in wanted or ()}
        self.needed: set[Node] | None = None
        self.unsure = False
        self.second = SecondOrder(state, event.origin) if create_graph else None

    def execute(self, roots: Iterable[tuple[Node, int]], gradients: Sequence[Tensor | None] = ()) -> None:
        """Run the graph below `roots`, whose gradients the program gave, or are ones."""
        state = self.state
        state.clock += 1
        roots = list(roots)
        if self.second is not None:
            for index, root in enumerate(roots):
                self.second.start(root, gradients[index] if index < len(gradients) else None)
        starts = list(dict.fromkeys(node for node, _ in roots))
        dependencies = self._count_dependencies(starts)
        needed = self.needed
        watched = self.wanted is not None or state.listening
        if watched:
            for node, output in roots:
                self.arrived.setdefault(node, {}).setdefault(output, []).append(None)
        ready: list[tuple[int, Node]] = []
        at_once: list[Node] = []
        for node in starts:
            if not dependencies[node]:
                self._enqueue(node, ready, at_once)
        grad_mode, state.grad_mode = state.grad_mode, self.create_graph
        outer, state.run = state.run, self
        while ready or at_once:
            node = at_once.pop(0) if at_once else heappop(ready)[1]
            if self.wanted is not None:
                self._capture(node)
                if needed is not None and node not in needed:
                    # The engine hands a single root its gradient without asking whether it leads anywhere.
                    if node in self.arrived and (node in self.targets or starts == [node]):
                        self._show_gradient(node, True)
                    continue
            defined = not watched or node in self.arrived
            flows = self._run(node, defined)
            if self.second is not None:
                self.second.pass_on(node)
            for index, edge in enumerate(node.edges):
                if edge is None:
                    continue
                dependencies[edge] -= 1
                if state.unmarked:
                    self._report_unmarked(node, (edge, node.outputs[index]))
                if watched and (flows is None or index in flows):
                    self.arrived.setdefault(edge, {}).setdefault(node.outputs[index], []).append(node)
                if not dependencies[edge]:
                    self._enqueue(edge, ready, at_once)
        state.grad_mode = grad_mode
        state.run = outer

    @staticmethod
    def _enqueue(node: Node, ready: list[tuple[int, Node]], at_once: list[Node]) -> None:
        """Accumulators, and nodes that only raise, run before anything else; others latest first (no two have one order)."""
        if node.leaf is not None or node.refuses is not None:
            at_once.append(node)
        else:
            heappush(ready, (-node.order, node))

    def _count_dependencies(self, starts: list[Node]) -> dict[Node, int]:
        dependencies = dict.fromkeys(starts, 0)
        stack = list(starts)
        while stack:
            node = stack.pop()
            self.unsure = self.unsure or node.unsure
            for edge in node.edges:
                if edge is not None:
                    count = dependencies.get(edge)
                    if count is None:
                        dependencies[edge] = 1
                        stack.append(edge)
                    else:
                        dependencies[edge] = count + 1
        if self.wanted is not None:
            # Edges lead to older nodes, so one pass from the oldest finds all that lead to a wanted one.
            targets = self.targets
            needed = set(targets) if self.execute_wanted else set()
            for node in sorted(dependencies, key=lambda n: n.order):
                if any(edge in needed or edge in targets for edge in node.edges if edge is not None):
                    needed.add(node)
            self.needed = needed
        return dependencies

    def _capture(self, node: Node) -> None:
        assert self.wanted is not None
        for output in self.arrived.get(node, ()):
            if (node, output) in self.wanted:
                self.captured.add((node, output))

    def _run(self, node: Node, defined: bool) -> set[int] | None:
        """Execute one node; returns the indices of the edges that get a gradient, None for all.

        `defined`: a gradient came; where none did, torch executes the node all the same, and a user's backward is called.
        """
        self._show_gradient(node, defined)
        leaf = node.leaf
        if leaf is not None:
            if defined:
                accumulate(self, leaf)
            for hook in leaf.post_hooks or ():
                hook(leaf)
            return None
        flows: set[int] | None = None if defined else set()
        if node.refuses is not None:
            self.state.report(Refusal(node.refuses, self.event), (node.refuses, self.event.origin))
        elif node.run is not None:
            given = node.run(received_by(self, node))
            flows = {i for i, gradient in enumerate(given) if gradient is not None} if given is not None else None
        else:
            inner = node.inner
            if inner is None:
                if node.freed is not None and (node.saved or node.private):
                    self.report_twice(node)
                else:
                    self.unpack(node.saved)
                if node.items is not None and node in self.arrived:
                    arrived = self.arrived[node]
                    flows = {i for i, item in enumerate(node.items) if item is None or item in arrived}
            elif defined:
                if node.freed is not None:
                    self.report_twice(node)
                elif inner.refuses is not None:
                    self.state.report(Refusal(inner.refuses, self.event), (inner.refuses, self.event.origin))
                else:
                    self.unpack(inner.saved)
        if not self.retain_graph and node.freed is None:
            self._free(node)
        return flows

    def _report_unmarked(self, consumer: Node, history: tuple[Node, int]) -> None:
        """`consumer` used a tensor after a custom Function had written it without mark_dirty: its old history is wrong."""
        known = self.state.unmarked.get(history)
        if known is not None and consumer.order > known[0].order:
            _, write, call = known
            self.state.report(CustomFunctionMisuse("", "unmarked_write", write, call, self.event), write.origin)

    def _show_gradient(self, node: Node, defined: bool) -> None:
        """Hooks and `retain_grad` see a gradient wherever one arrives, even where the node then does not run.

        Hooks are called as well where none came because the node above gave none; `retain_grad` is not.
        """
        if node.hooks is not None:
            call_hooks(self, node)
        if defined and node.retained is not None:
            fill_retained(self, node)

    def _free(self, node: Node) -> None:
        clock = self.state.clock
        node.freed = self.event
        node.freed_clock = clock
        if node.inner is not None:
            node.inner.freed = self.event
            node.inner.freed_clock = clock
            node.inner.edges = ()  # torch drops the inner node, and with it what it hung on

    def report_twice(self, node: Node) -> None:
        """The node's saved tensors were freed by an earlier backward."""
        assert node.freed is not None
        hazard = BackwardTwice(messages.TWICE, node.operator, node.origin, node.freed, self.event)
        self.state.report(hazard, (node.freed.origin, self.event.origin))

    def unpack(self, saved: Iterable[SavedTensor]) -> None:
        """Check each saved tensor as torch does when the node's derivative reads it."""
        for item in saved:
            if item.hooks is not None:
                item.hooks(item)
            else:
                self._check(item)

    def _check(self, saved: SavedTensor) -> None:
        state, tensor, counter = self.state, saved.tensor, saved.counter
        by_alias = saved.is_result and not saved.leaf
        producer: Node | None = saved.node
        if by_alias:
            made_by = saved.made_by() if saved.made_by is not None else None
            if made_by is not None and not (tensor.dropped and made_by is tensor.node):
                producer = made_by
        else:
            if tensor.base is not None and _must_not_be_remade(tensor):
                look(state, tensor, self.event.origin)
                return
            producer = look(state, tensor, self.event.origin)
            if producer is None and not saved.leaf:
                if not counter.uncertain:
                    self._report_detached(saved)
                return
        if counter.uncertain:
            return
        if counter.version != saved.version:
            self._report_moved(saved, producer)
        elif saved.values_used:
            hazard = silent_write(saved, self.event, self.needed)
            if hazard is not None:
                state.report(hazard, hazard.write.origin)

    def _report_moved(self, saved: SavedTensor, producer: Node | None) -> None:
        counter = saved.counter
        write = first_write_after(saved.tensor, saved.version)
        if write is None:
            return
        text = messages.saved_version_moved(
            saved.kept or saved.tensor.geometry,
            saved.output,
            producer.name if producer is not None else None,
            counter.version,
            saved.version,
            self.state.anomaly_mode,
        )
        self.state.report(SavedVersionMoved(text, saved.as_save(), write, self.event), write.origin)

    def _report_detached(self, saved: SavedTensor) -> None:
        detached = self.state.detached.get(saved.tensor)
        if detached is not None:
            hazard = SavedDetached(messages.DETACHED_IN_PLACE, saved.as_save(), detached, self.event)
            self.state.report(hazard, detached.origin)


def _must_not_be_remade(view: Tensor) -> bool:
    """Whether looking at the view raises: its family was written since, and it is of a kind that must not be remade."""
    base = view.base
    return (
        view.meta != DEFAULT
        and view.seen != view.counter.version
        and (view.node is not None or (base is not None and base.requires_grad))
    )


def root_edges(
    state: State, roots: Sequence[Tensor], gradients: Sequence[Tensor | None], event: Event
) -> list[tuple[Node, int]] | None:
    """Where backward starts; None if torch refuses to start, or if that is not known."""
    for index, root in enumerate(roots):
        given = index < len(gradients) and gradients[index] is not None
        if not given and root.requires_grad and root.geometry.numel not in (1, None):
            state.report(Refusal(messages.NON_SCALAR, event), event.origin)
            return None
    edges: list[tuple[Node, int]] = []
    for index, root in enumerate(roots):
        node = edge_of(state, root, event.origin)
        if node is not None:
            edges.append((node, root.output))
        elif root.maybe_grad or root.uncertain:
            continue
        else:
            state.report(Refusal(messages.no_graph(index), event), event.origin)
            return None
    return edges


def input_edges(state: State, inputs: Sequence[Tensor], event: Event) -> list[tuple[Node, int]] | None:
    """Where the gradients of `inputs` arrive; None if torch refuses."""
    edges: list[tuple[Node, int]] = []
    for tensor in inputs:
        if not tensor.requires_grad and not tensor.maybe_grad:
            state.report(Refusal(messages.DOES_NOT_REQUIRE_GRAD, event), event.origin)
            return None
        node = edge_of(state, tensor, event.origin)
        if node is None:
            node = state.node("Identity", "Identity", event.origin, (), ())  # reached by nothing
        edges.append((node, tensor.output if node.leaf is None else 0))
    return edges
