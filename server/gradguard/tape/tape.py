"""`Tape`: the abstract autograd machine that a driver runs a program on.

The tape knows tensors, not values: which memory and version counter each has, its history, what nodes saved. It is equal to torch 2.13
(`tests/tape` and `tests/differential/tape` drive both with the same calls). It has never heard of Python syntax; origins are opaque,
hashable objects handed back in hazards.

**Making tensors.** `tensor` (fresh memory), `parameter` (nn.Parameter), `unknown` (nothing is known, so nothing is reported of it).

**Running operators.** `apply(operator, arguments, origin, results=…, as_view=…)` runs any `torchfacts.operator.Operator`: functional,
in place, `out=` or view. Tensors in `arguments` may stand in lists. It returns the results; an in-place operator returns the written
tensors themselves. `results` gives their geometries (and for multi-output views their number). A maybe-view needs `as_view`: True, False,
or None if it is not known; then the results are uncertain.

**Views, aliases and writes by hand.** `view`, `views`, `detach` (also for `asarray`), `data`, `numpy`, `from_numpy`, `shared`, `set_data`,
`set_`, `detach_`, `resize_`, `write`, `write_past_counter`, `bump`.

**Modes.** Set `grad_mode`, `inference_mode`, `anomaly_mode` as the program's context managers do; push to `saved_hooks` for
`saved_tensors_hooks` (called with each saved tensor when backward unpacks it; the version check is off).

**Backward.** `backward`, `grad`. Custom Functions: `enter_function`, run forward, `leave_function`; in backward `read_saved`, `read_kept`.

**Hazards** are recorded in `hazards`, never raised. Of one backward the first recorded is the one that torch raises. After a hazard the
tape carries on as if the statement had done the harmless thing: a refused write, `out=`, `detach_` or flag change does nothing; the use of
a view that must not be used is a use of a view made anew; an inference tensor is written and goes on as a normal one, or is
not saved; a failed backward runs to its
end. A mistake (one write, for most hazards) is recorded once per kind of hazard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape import flags, functions, messages, operators, rebinding
from gradguard.tape.backward import Run, input_edges, root_edges
from gradguard.tape.gradients import asked_for
from gradguard.tape.hazards import Event, Refusal
from gradguard.tape.state import State
from gradguard.tape.tensor import Tensor, alias_of
from gradguard.tape.views import edge_of, look, make_view
from gradguard.tape.writes import bare_node, commit, commit_past_counter, overlapping, rebase, refused
from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from gradguard.tape.functions import FunctionCall
    from gradguard.tape.hazards import Bypass
    from gradguard.tape.node import Node
    from gradguard.torchfacts.geometry import Geometry
    from gradguard.torchfacts.operator import Operator


class Tape(State):
    """One run of one program; see the module."""

    __slots__ = ()

    # --- making tensors

    def tensor(
        self,
        origin: object,
        *,
        geometry: Geometry = UNKNOWN_GEOMETRY,
        requires_grad: bool = False,
        operator: str = "tensor",
    ) -> Tensor:
        """A tensor on fresh memory, without history."""
        tensor = Tensor(operator, origin, geometry)
        tensor.wants_grad = requires_grad
        if self.inference_mode:
            tensor.inference = True
            tensor.counter.counts = False
        return tensor

    def parameter(self, origin: object, data: Tensor | None = None, *, requires_grad: bool = True) -> Tensor:
        """`nn.Parameter(data)`: a leaf with the memory and the counter of `data`; without `data` on fresh memory."""
        if data is None:
            return self.tensor(origin, requires_grad=requires_grad, operator="Parameter")
        parameter = alias_of(data, "Parameter", origin, self.inference_mode)
        if requires_grad:
            self.requires_grad_(parameter, True, origin)
        return parameter

    def unknown(self, origin: object, *, geometry: Geometry = UNKNOWN_GEOMETRY, operator: str = "unknown") -> Tensor:
        """A tensor of which neither history nor aliases are known: nothing is reported about it."""
        tensor = Tensor(operator, origin, geometry)
        tensor.counter.uncertain = True
        tensor.maybe_grad = True
        return tensor

    def forget(self, tensors: Iterable[Tensor]) -> None:
        """Something out of view may have done anything to these tensors and their view families."""
        for tensor in tensors:
            tensor.counter.uncertain = True
            tensor.maybe_grad = True
            if tensor.base is not None:
                tensor.base.maybe_grad = True

    # --- operators

    def apply(
        self,
        operator: Operator,
        arguments: Mapping[str, object],
        origin: object,
        *,
        results: Sequence[Geometry] | None = None,
        as_view: bool | None = None,
    ) -> list[Tensor]:
        """Run `operator`; see the module. A number bound to a saved tensor argument is saved privately."""
        return operators.run(self, operator, arguments, origin, results, as_view)

    # --- views and aliases

    def view(
        self, source: Tensor, origin: object, operator: str, node: str, geometry: Geometry = UNKNOWN_GEOMETRY
    ) -> Tensor:
        """One view of `source` (indexing, select, slice); `node`: its grad_fn's name (`SelectBackward0`)."""
        return self.views(source, origin, operator, node, (geometry,), multi=False)[0]

    def views(
        self,
        source: Tensor,
        origin: object,
        operator: str,
        node: str,
        geometries: Sequence[Geometry],
        *,
        multi: bool = True,
    ) -> list[Tensor]:
        """The pieces of `source`; `multi`: they are outputs of one node, which must not be written (chunk, unbind, iteration)."""
        made: Node | None = None
        if self.grad_mode and not self.inference_mode and source.requires_grad:
            made = self.node(node, operator, origin, (edge_of(self, source, origin),), (source.output,))
        return [
            make_view(self, source, operator, origin, geometry, made, index, multi=multi)
            for index, geometry in enumerate(geometries)
        ]

    def detach(self, source: Tensor, origin: object, operator: str = "detach") -> Tensor:
        """The same memory and counter, outside the history."""
        return alias_of(source, operator, origin, self.inference_mode)

    def data(self, source: Tensor, origin: object) -> Tensor:
        """`source.data`: the same memory with a counter of its own, new at each access."""
        return self._past_counter(source, origin, "data", "data")

    def numpy(self, source: Tensor, origin: object, *, force: bool = False) -> Tensor:
        """The array behind `source.numpy()`, `np.asarray(source)`: the same memory, no counter that counts."""
        if source.requires_grad and not force and not source.uncertain:
            self.report(Refusal(messages.NUMPY, Event("numpy", origin, source)), origin)
        return self._past_counter(source, origin, "numpy", "numpy")

    def from_numpy(self, array: Tensor, origin: object) -> Tensor:
        """`torch.from_numpy`, `torch.as_tensor` of an array: its memory, a counter of its own."""
        return self._past_counter(array, origin, "numpy", "from_numpy")

    def shared(self, source: Tensor, origin: object, operator: str) -> Tensor:
        """The same memory by way of storages or dlpack: a counter of its own."""
        return self._past_counter(source, origin, "storage", operator)

    def _past_counter(self, source: Tensor, origin: object, bypass: Bypass, operator: str) -> Tensor:
        tensor = Tensor(operator, origin, source.geometry, source.storage)
        tensor.parent = source
        tensor.inference = source.inference
        tensor.bypass = bypass
        tensor.counter.uncertain = source.uncertain
        tensor.counter.counts = not (source.inference and self.inference_mode)
        return tensor

    def set_data(self, tensor: Tensor, new: Tensor, origin: object) -> None:
        """`tensor.data = new`: new memory under the old counter, unnoticed."""
        rebinding.set_data(self, tensor, new, origin)

    def set_(self, tensor: Tensor, new: Tensor | None, origin: object) -> None:
        """`tensor.set_(new)`: an in-place operator that moves the tensor onto other memory and keeps its counter."""
        rebinding.set_(self, tensor, new, origin)

    def resize_(self, tensor: Tensor, origin: object, geometry: Geometry, *, changes: bool) -> None:
        """`tensor.resize_(…)`; a write only if the size `changes`, refused for anything that requires grad."""
        rebinding.resize_(self, tensor, origin, geometry, changes=changes)

    # --- flags and hooks

    def detach_(self, tensor: Tensor, origin: object) -> None:
        """`tensor.detach_()`: a leaf from now on. No write; refused for views."""
        flags.detach_(self, tensor, origin)

    def requires_grad_(self, tensor: Tensor, flag: bool, origin: object) -> None:
        """`tensor.requires_grad_(flag)`; refused for computed tensors, integers and, outside inference mode, inference tensors."""
        flags.requires_grad_(self, tensor, flag, origin)

    def retain_grad(self, tensor: Tensor, origin: object) -> None:
        """`tensor.retain_grad()`: its `.grad` will be filled; after an in-place write, for the new value."""
        flags.retain_grad(self, tensor, origin)

    def register_hook(self, tensor: Tensor, hook: Callable[[Tensor | None], object], origin: object) -> None:
        """`tensor.register_hook(hook)`: called with the gradient when backward reaches it; stays with the present history.

        With None where backward comes by without one: for other results of the same call (another piece of an `unbind`), or
        because a custom Function gave none.
        """
        node = edge_of(self, tensor, origin)
        if node is not None:
            node.hooks = [*(node.hooks or ()), (tensor, tensor.output if node.leaf is None else 0, hook)]
            self.listening = True

    def register_post_hook(self, leaf: Tensor, hook: Callable[[Tensor], object]) -> None:
        """`leaf.register_post_accumulate_grad_hook(hook)`: called with the leaf when backward has come to it, its `.grad` filled or not."""
        leaf.post_hooks = [*(leaf.post_hooks or ()), hook]

    @staticmethod
    def drop(tensor: Tensor) -> None:
        """The program no longer holds `tensor` (a view made for one statement). Only the wording of messages depends on it."""
        tensor.dropped = True

    def is_leaf(self, tensor: Tensor, origin: object) -> bool:
        """As `tensor.is_leaf`, which looks at a view's base and may be refused."""
        return not tensor.requires_grad or look(self, tensor, origin) is None

    def grad_fn(self, tensor: Tensor, origin: object) -> Node | None:
        """As `tensor.grad_fn`, which looks at a view's base and may be refused."""
        return look(self, tensor, origin)

    # --- writes

    def write(
        self,
        tensor: Tensor,
        origin: object,
        *,
        operator: str = "copy_",
        others: Sequence[Tensor] = (),
        facts: Operator | None = None,
    ) -> None:
        """A bare in-place write of `tensor` with the operands `others`, which saves nothing.

        With `facts` (an in-place operator on `self`, whose operands are the other differentiable arguments), what that one does.
        """
        if facts is not None:
            names = [name for name in facts.differentiable if name not in facts.writes]
            arguments = {facts.writes[0]: tensor, **dict(zip(names, others, strict=False))}
            operators.run(self, facts, arguments, origin, None, None)
            return
        node = None
        if self.tracking and (tensor.requires_grad or any(other.requires_grad for other in others)):
            if refused(self, tensor, origin, operator):
                return
            name = "CopyBackwards" if operator == "copy_" else f"{operator.title().replace('_', '')}Backward0"
            node = bare_node(self, name, operator, tensor, others, origin)
        if overlapping(self, tensor, others, origin, operator):
            return
        if not commit(self, tensor, origin, operator, node is not None):
            return
        if node is not None:
            rebase(self, tensor, node, origin)
        elif self.tracking and any(other.maybe_grad for other in others):
            tensor.maybe_grad = True

    def write_past_counter(self, tensor: Tensor, origin: object, bypass: Bypass, operator: str) -> None:
        """The values change and the version does not (fused optimizers, numpy writes, storages)."""
        commit_past_counter(self, tensor, origin, operator, bypass)

    def bump(self, tensor: Tensor, origin: object, operator: str = "increment_version") -> None:
        """The version moves as if the tensor had been written (`torch.autograd.graph.increment_version`)."""
        if tensor.counter.counts:
            commit(self, tensor, origin, operator, tracked=False)

    # --- backward

    def backward(
        self,
        roots: Tensor | Sequence[Tensor],
        origin: object,
        *,
        gradients: Sequence[Tensor | None] = (),
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | None = None,
    ) -> None:
        """`torch.autograd.backward`: fills the `.grad` of the leaves, or of `inputs` only."""
        roots = [roots] if isinstance(roots, Tensor) else list(roots)
        event = Event("backward", origin, roots[0] if roots else None)
        edges = root_edges(self, roots, gradients, event)
        if edges is None:
            return
        wanted = None
        if inputs is not None:
            for tensor in inputs:
                if not tensor.requires_grad and not tensor.maybe_grad:
                    self.report(Refusal(messages.RETAIN_GRAD, event), origin)
                    return
                self.retain_grad(tensor, origin)
            wanted = input_edges(self, inputs, event)
            if wanted is None:
                return
        self._run(edges, event, retain_graph, create_graph, wanted, True, gradients)

    def grad(
        self,
        outputs: Tensor | Sequence[Tensor],
        inputs: Tensor | Sequence[Tensor],
        origin: object,
        *,
        gradients: Sequence[Tensor | None] = (),
        retain_graph: bool | None = None,
        create_graph: bool = False,
        allow_unused: bool = False,
    ) -> list[Tensor | None]:
        """`torch.autograd.grad`: one gradient per input; None where it is not reached, or where torch raises."""
        outputs = [outputs] if isinstance(outputs, Tensor) else list(outputs)
        inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        event = Event("grad", origin, outputs[0] if outputs else None)
        nothing: list[Tensor | None] = [None] * len(inputs)
        edges = root_edges(self, outputs, gradients, event)
        if edges is None:
            return nothing
        wanted = input_edges(self, inputs, event)
        if wanted is None:
            return nothing
        run = self._run(edges, event, retain_graph, create_graph, wanted, False, gradients)
        results: list[Tensor | None] = []
        for index, (tensor, edge) in enumerate(zip(inputs, wanted, strict=True)):
            if edge not in run.captured:
                unsure = run.unsure or tensor.maybe_grad or any(output.maybe_grad for output in outputs)
                if not allow_unused and not unsure:
                    self.report(Refusal(messages.unused_input(index), event), origin)
                results.append(None)
                continue
            gradient = self.tensor(origin, geometry=asked_for(run, tensor, edge), operator="grad")
            if run.second is not None:
                gradient.node = run.second.gradient(edge).node
                gradient.maybe_grad = gradient.node is None
            results.append(gradient)
        return results

    def _run(
        self,
        edges: list[tuple[Node, int]],
        event: Event,
        retain_graph: bool | None,
        create_graph: bool,
        wanted: Sequence[tuple[Node, int]] | None,
        execute_wanted: bool,
        gradients: Sequence[Tensor | None],
    ) -> Run:
        run = Run(
            self,
            event,
            retain_graph=create_graph if retain_graph is None else retain_graph,
            create_graph=create_graph,
            wanted=wanted,
            execute_wanted=execute_wanted,
        )
        run.execute(edges, gradients)
        return run

    # --- custom Functions

    def enter_function(self, name: str, inputs: Sequence[Tensor], origin: object) -> FunctionCall:
        """`Name.apply(…)` before forward, with its tensor arguments: grad mode goes off until `leave_function`."""
        return functions.enter(self, name, inputs, origin)

    def leave_function(
        self,
        call: FunctionCall,
        outputs: Sequence[object],
        *,
        backward: Callable[[list[Tensor | None]], Sequence[Tensor | None] | None] | None = None,
        saved: Sequence[Tensor] = (),
        dirty: Collection[Tensor] = (),
        non_differentiable: Collection[Tensor] = (),
        kept: Collection[Tensor] = (),
    ) -> list[object]:
        """After forward returned `outputs`; returns what `apply` returns.

        `saved`: save_for_backward; `kept`: tensors left on ctx as attributes. `backward` is called when the node executes, with one
        gradient per tensor output (None: none came, perhaps for any of them); it returns one gradient per input given to
        `enter_function` (None: no gradient flows there), or None if that is not known.
        """
        return functions.leave(
            self,
            call,
            outputs,
            backward=backward,
            saved=saved,
            dirty=dirty,
            non_differentiable=non_differentiable,
            kept=kept,
        )

    def read_saved(self, call: FunctionCall) -> list[Tensor]:
        """`ctx.saved_tensors` in the user's backward; checks freed and version."""
        return functions.read_saved(self, call)

    def read_kept(self, call: FunctionCall, tensor: Tensor) -> None:
        """An attribute of ctx is read in the user's backward."""
        functions.read_kept(self, call, tensor)
