"""Derivatives of derivatives: what a backward with `create_graph=True` records while it runs.

A derivative formula is made of ordinary operators on the incoming gradient and the saved tensors, and those save in turn. Which of them
do follows from how a node saves: what it keeps only for another argument's sake enters a product (`grad * other`), which keeps the factor
if the gradient has a history of its own, and the gradient if the factor has one; what it keeps in any case enters a function that is not
linear (`3 * x ** 2`), which keeps it again if it has a history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from gradguard.tape.gradients import HANDS_ON
from gradguard.tape.node import SavedTensor
from gradguard.tape.tensor import append
from gradguard.tape.views import edge_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradguard.tape.node import Node
    from gradguard.tape.state import State
    from gradguard.tape.tensor import Tensor


class Gradient(NamedTuple):
    """A gradient on its way.

    `node`: its grad_fn, None if it has no history. `given`: the program's own tensor that it, or what it is a view of, is.
    """

    node: Node | None = None
    given: Tensor | None = None


# Nodes whose derivative uses what they keep in another way than that (a mask, a logarithm of a shifted copy, a shape): what is
# kept again, and where gradients for it go, is not claimed. Found by tests/tape/test_second_order.py, which allows no false claim.
_NOT_CLAIMED: Final = {
    "AddcdivBackward0",
    "AmaxBackward0",
    "AminBackward0",
    "AminmaxBackward0",
    "AvgPool2DBackward0",
    "AvgPool3DBackward0",
    "CholeskySolveBackward0",
    "ClampMaxBackward0",
    "ClampMaxBackward1",
    "ClampMinBackward0",
    "ClampMinBackward1",
    "FmaxBackward0",
    "FminBackward0",
    "FrexpBackward0",
    "GatherBackward0",
    "LdexpBackward0",
    "LerpBackward0",
    "LerpBackward1",
    "LinalgLstsqBackward0",
    "LinalgMatrixExpBackward0",
    "Log10Backward0",
    "Log1PBackward0",
    "Log2Backward0",
    "Logaddexp2Backward0",
    "LogaddexpBackward0",
    "MaskedSelectBackward0",
    "MaxBackward0",
    "MaxBackward1",
    "MaxPool2DWithIndicesBackward0",
    "MaxPool3DWithIndicesBackward0",
    "MaximumBackward0",
    "MedianBackward0",
    "MedianBackward1",
    "MinBackward0",
    "MinBackward1",
    "MinimumBackward0",
    "MvlgammaBackward0",
    "NanToNumBackward0",
    "NanmedianBackward0",
    "NanmedianBackward1",
    "NansumBackward0",
    "NativeDropoutBackward0",
    "NextafterBackward0",
    "PowBackward1",
    "SpecialXlog1PyBackward0",
    "SpecialXlog1PyBackward1",
    "SpecialXlog1PyBackward2",
    "TakeBackward0",
    "TriangularSolveBackward0",
    "VarBackward0",
    "VarMeanBackward0",
    "XlogyBackward0",
    "XlogyBackward1",
    "XlogyBackward2",
}


class SecondOrder:
    """The graph that one backward builds: the gradients that arrived at each output of each node."""

    __slots__ = ("_arrived", "_origin", "_state")

    def __init__(self, state: State, origin: object) -> None:
        self._state = state
        self._origin = origin
        self._arrived: dict[Node, dict[int, list[Gradient]]] = {}

    def start(self, edge: tuple[Node, int], given: Tensor | None) -> None:
        """A root's gradient: `given` by the program, or ones."""
        node = edge_of(self._state, given, self._origin) if given is not None and given.requires_grad else None
        self._add(edge, Gradient(node, given))

    def pass_on(self, node: Node) -> None:
        """`node` has run: give its edges the gradients that its derivative makes of those that arrived."""
        incoming = [self.gradient((node, output)) for output in self._arrived.get(node, ())]
        kept = node.inner.saved if node.inner is not None else node.saved
        for index, edge in enumerate(node.edges):
            if edge is not None:
                relevant = [saved for saved in kept if not saved.guard or edge in saved.guard]
                self._add((edge, node.outputs[index]), self._made(node, incoming, relevant))

    def gradient(self, edge: tuple[Node, int]) -> Gradient:
        """The sum of what arrived at one output."""
        arrived = self._arrived.get(edge[0], {}).get(edge[1], [])
        if len(arrived) == 1:
            return arrived[0]
        nodes = [each.node for each in arrived if each.node is not None]
        if not nodes:
            return Gradient()
        return Gradient(self._state.node("AddBackward0", "add", self._origin, nodes, [0] * len(nodes)))

    def _add(self, edge: tuple[Node, int], gradient: Gradient) -> None:
        self._arrived.setdefault(edge[0], {}).setdefault(edge[1], []).append(gradient)

    def _made(self, node: Node, incoming: Sequence[Gradient], relevant: Iterable[SavedTensor]) -> Gradient:
        if node.name in HANDS_ON and len(incoming) == 1:
            return incoming[0]
        history = [each.node for each in incoming if each.node is not None]
        edges: list[Node] = list(history)
        again: list[SavedTensor] = []
        keeps_gradient = False
        # What a user's backward makes of what it saved is not known.
        if node.run is None and node.name not in _NOT_CLAIMED:
            for saved in relevant:
                if not saved.values_used:
                    continue
                source = self._source(node, saved)
                if source is not None:
                    edges.append(source)
                    keeps_gradient = True
                product = bool(saved.guard) or saved.is_result
                if history if product else source is not None:
                    again.append(saved)
        if not edges:
            return Gradient()
        made = self._state.node(f"{node.name}Backward", node.operator, self._origin, edges, [0] * len(edges))
        made.private = keeps_gradient or (node.private and bool(history))
        for saved in again:
            if saved.counter.version == saved.version:
                again_saved = SavedTensor(made, saved.argument, saved.tensor, saved.is_result, saved.values_used)
                made.saved = append(made.saved, again_saved)
        if keeps_gradient:
            given = [each.given for each in incoming if each.given is not None]
            made.saved = [*made.saved, *(SavedTensor(made, "grad", tensor, False) for tensor in given)]
        return Gradient(made)

    def _source(self, node: Node, saved: SavedTensor) -> Node | None:
        """Where a gradient for the saved tensor would go; None if it has no history."""
        if saved.is_result:
            return None if saved.leaf else node
        return edge_of(self._state, saved.tensor, self._origin) if saved.tensor.requires_grad else None
