"""Gradient functions and what they keep for their derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from gradguard.tape.hazards import Save
from gradguard.tape.tensor import NOTHING, append

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradguard.tape.hazards import Event
    from gradguard.tape.tensor import Counter, Storage, Tensor
    from gradguard.torchfacts.geometry import Geometry


class SavedTensor:
    """One tensor that a node keeps, with what is compared at backward.

    An input is kept as the tensor itself (`x.data = …` and `x.detach_()` reach it), a result that is no leaf as a detached alias:
    memory and geometry as they were (`storage`, `kept`). `guard`: the edges whose gradients read it; empty means any.
    """

    __slots__ = (
        "argument",
        "content",
        "counter",
        "guard",
        "hooks",
        "is_result",
        "kept",
        "leaf",
        "made_by",
        "node",
        "output",
        "storage",
        "tensor",
        "values_used",
        "version",
    )

    def __init__(
        self,
        node: Node,
        argument: str,
        tensor: Tensor,
        is_result: bool,
        values_used: bool = True,
        guard: tuple[Node, ...] = (),
    ) -> None:
        self.node = node
        self.argument = argument
        self.tensor = tensor
        self.counter: Counter = tensor.counter
        self.version = tensor.counter.version
        self.storage: Storage = tensor.storage
        self.content = tensor.storage.content
        self.leaf = tensor.node is None
        self.is_result = is_result
        self.output = tensor.output if is_result else 0  # torch notes it for results only
        # A view written in place is named after its gradient function as long as that is alive (torch: weak_grad_fn_).
        self.made_by = ref(tensor.node) if is_result and tensor.base is not None and tensor.node is not None else None
        # An in-place view operator (t_) changes the tensor's own geometry later; a saved result keeps its own.
        self.kept = tensor.geometry if is_result and not self.leaf else None
        self.values_used = values_used
        self.guard = guard
        self.hooks: Callable[[SavedTensor], None] | None = None
        tensor.counter.saves = append(tensor.counter.saves, self)

    @property
    def alive(self) -> bool:
        """Whether a backward could still read it."""
        return self.node.freed is None

    def as_save(self) -> Save:
        """The event, for a hazard."""
        node = self.node
        return Save(
            node.operator,
            node.name,
            self.argument,
            self.tensor,
            self.version,
            node.origin,
            self.is_result,
            self.values_used,
        )


class Node:
    """A gradient function.

    `edges` run parallel to the differentiable arguments: the node an argument's gradient goes to (None: it goes nowhere), and
    `outputs` says which of that node's outputs the argument was.
    `order`: creation order; backward runs the latest first.
    `private`: it keeps something no name of the program reaches.
    `unsure`: whether a gradient flows to some argument is not known.
    `inner`: a write through a view, inside a CopySlices.
    `items`: of an operator on lists, the output whose gradient alone flows along each edge (None: any does).
    `leaf`: the tensor whose `.grad` an AccumulateGrad fills.
    `run`: the user's backward, of a custom Function, whose results have `result_geometries`.
    `refuses`: what torch raises when backward reaches it (a derivative that does not exist).
    `freed`: the backward that let go of what it kept. `retained`: results that asked for their gradient.
    `hooks`: (hooked tensor, its output, the hook).
    """

    __slots__ = (
        "__weakref__",
        "edges",
        "freed",
        "freed_clock",
        "hooks",
        "inner",
        "items",
        "leaf",
        "name",
        "operator",
        "order",
        "origin",
        "outputs",
        "private",
        "refuses",
        "result_geometries",
        "retained",
        "run",
        "saved",
        "unsure",
    )

    def __init__(
        self, name: str, operator: str, origin: object, order: int, edges: Sequence[Node | None], outputs: Sequence[int]
    ) -> None:
        self.name = name
        self.operator = operator
        self.origin = origin
        self.order = order
        self.edges = edges
        self.outputs = outputs
        self.saved: list[SavedTensor] = NOTHING
        self.private = False
        self.unsure = False
        self.inner: Node | None = None
        self.items: Sequence[int | None] | None = None
        self.leaf: Tensor | None = None
        self.run: Callable[[list[Tensor | None]], Sequence[Tensor | None] | None] | None = None
        self.refuses: str | None = None
        self.freed: Event | None = None
        self.freed_clock = 0
        self.result_geometries: Sequence[Geometry] = ()
        self.hooks: list[tuple[Tensor, int, Callable[[Tensor | None], object]]] | None = None
        self.retained: list[Tensor] | None = None

    def __repr__(self) -> str:
        return f"<{self.name} at {self.origin!r}>"
