"""The interpreter's state while one path of one entry runs, and the protocol of Python's data model on its values."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradguard.interpreter import (
    attributes,
    callables,
    conditions,
    constants,
    exceptions,
    expressions,
    inherited,
    items,
    iterables,
    names,
    objects,
    outside,
    scopes,
    statements,
    whereabouts,
)
from gradguard.interpreter.budget import STEPS_BETWEEN_LOOKS, Budget, Interrupted, never
from gradguard.interpreter.frames import Frame, ModuleScope
from gradguard.interpreter.lengths import Lengths
from gradguard.interpreter.reads import Reads
from gradguard.interpreter.shared import SHARED
from gradguard.interpreter.torch.natives import torch_natives
from gradguard.interpreter.torch.tensors import Tensors
from gradguard.interpreter.values import ClassValue, FunctionValue, ModuleValue, NativeModule, PathEnded, Value
from gradguard.tape.hazards import Refusal
from gradguard.tape.tape import Tape
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from gradguard.interpreter.choices import Oracle
    from gradguard.interpreter.program import Program
    from gradguard.tape.hazards import Hazard
    from gradguard.text.chunks import Chunk


class Machine:
    """Runs one path. `operations` counts what the tape was asked to do, `steps` the statements executed.

    What it can do to values is written in modules with one job each, as functions that take the machine first; they are its methods.
    """

    ABSENT = attributes.ABSENT

    evaluate = expressions.evaluate
    run = statements.run_block

    lookup = names.lookup
    bind = names.bind
    assign = names.assign

    find_attribute = attributes.find_attribute
    get_attribute = attributes.get_attribute
    set_attribute = attributes.set_attribute
    delete_attribute = attributes.delete_attribute
    get_item = items.get_item
    set_item = items.set_item
    delete_item = items.delete_item

    call = callables.call
    call_method = callables.call_method
    run_coroutine = callables.run_coroutine
    forget = outside.forget

    method = attributes.special_method
    native_method = inherited.native_method
    object_method = inherited.object_method
    zero_argument_super = inherited.zero_argument_super
    unwrapped = staticmethod(inherited.unwrapped)
    type_of = objects.type_of
    is_instance = objects.is_instance

    truth = conditions.truth
    truth_of = conditions.truth_of
    one_of = conditions.one_of
    index_of = constants.index_of
    in_order = constants.in_order

    iterate = iterables.iterate
    listed = iterables.listed
    is_endless = iterables.is_endless
    next_item = iterables.next_item
    mapping_of = iterables.mapping_of

    user_frame = whereabouts.user_frame
    site = whereabouts.site
    labels = whereabouts.labels

    module_attribute = scopes.module_attribute
    exported = scopes.exported

    def __init__(
        self,
        program: Program,
        oracle: Oracle,
        catalog: Catalog,
        budget: Budget,
        interrupted: Callable[[], bool] = never,
    ) -> None:
        self.program = program
        self.interrupted = interrupted
        self.oracle = oracle
        self.catalog = catalog
        self.budget = budget
        self.limit = budget.steps
        self.path = ""
        self.tape = Tape()
        self.stack: list[Frame] = []
        self.steps = 0
        self.operations = 0
        self.reads = Reads()
        self.bodies: set[Chunk] = set()
        self.covered: dict[ast.AST, FunctionValue] = {}
        self.log: list[str] = []
        self._modules: dict[str, ModuleScope] = {}
        self._catching: list[bool] = []
        self._handling = 0
        self.object_class = SHARED.object_class
        self.exception_classes = SHARED.exceptions
        self.torch_natives = torch_natives()
        self.autocast = False
        self.lengths = Lengths()
        self._reported = 0
        self.backwards = 0
        self.hazards: list[Hazard] = []
        self.refusals: list[Refusal] = []
        self.tensors: Tensors = Tensors(self)

    # --- running ----------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Count a statement; raises PathEnded when the budget is spent, Interrupted when the analysis is no longer wanted."""
        self.steps += 1
        if self.steps % STEPS_BETWEEN_LOOKS == 0 and self.interrupted():
            raise Interrupted
        if self.steps > self.limit:
            raise PathEnded("the budget of steps is spent")

    @property
    def exhausted(self) -> bool:
        """Whether the budget is spent, so that nothing of the program may run any more, not even what cleans up."""
        return self.steps > self.limit

    @contextmanager
    def allowed(self, steps: int) -> Iterator[list[str]]:
        """Within: at most `steps` statements, and no more than allowed around it; the list has an entry afterwards if they were spent."""
        outer = self.limit
        limit = self.limit = sys.maxsize if steps == sys.maxsize else min(outer, self.steps + steps)
        spent: list[str] = []
        try:
            yield spent
        except PathEnded as ended:
            if self.steps <= limit or self.steps > outer:
                raise
            spent.append(str(ended))
        finally:
            self.limit = outer

    def note(self, text: str) -> None:
        """Remember something for the log."""
        if text not in self.log:
            self.log.append(text)

    def read_body(self, function: FunctionValue) -> None:
        """Record that the body of `function` was run."""
        if not function.scope.library:
            self.bodies.add(function.chunk)
            self.covered[function.node] = function

    def covered_names(self, path: str) -> set[str]:
        """The functions and methods of the file `path` that were run, as entries call them."""
        names: set[str] = set()
        for function in self.covered.values():
            if function.chunk.path == path:
                owner = f"{function.owner.name}." if function.owner is not None else ""
                names.add(owner + function.name)
        return names

    def report_hazards(self) -> None:
        """Take over what the tape has found since; what the program catches itself is thrown as torch would and not reported."""
        found = self.tape.hazards
        if self._reported == len(found):
            return
        new = found[self._reported :]
        self._reported = len(found)
        for hazard in new:
            message = getattr(hazard, "message", "")
            if message and self.errors_are_caught:
                raise exceptions.raised(self, "RuntimeError", message)
            if isinstance(hazard, Refusal):
                self.note(f"torch refuses: {hazard.message}")
                self.refused(hazard)
            else:
                self.hazards.append(hazard)

    def refused(self, hazard: Refusal) -> None:
        """Torch raises here for a reason no rule is about: outside a `try` the path ends, unless what we know of it is shaky."""
        self.refusals.append(hazard)

    def is_tensor(self, value: Value) -> bool:
        return isinstance(value, Tensor)

    # --- exceptions -------------------------------------------------------------------------------------------------

    @property
    def handles_exceptions(self) -> bool:
        """Whether the program is inside a `try` with handlers, so that a missing item is its own business."""
        return self._handling > 0

    @contextmanager
    def handling(self) -> Iterator[None]:
        """Within: exceptions such as IndexError are thrown, not papered over."""
        self._handling += 1
        try:
            yield
        finally:
            self._handling -= 1

    @contextmanager
    def catching(self, swallows: bool) -> Iterator[None]:
        """Within the body of a `try`; `swallows`: an error of torch would be caught there for good."""
        self._catching.append(swallows)
        self._handling += 1
        try:
            yield
        finally:
            self._handling -= 1
            self._catching.pop()

    @property
    def errors_are_caught(self) -> bool:
        """Whether a RuntimeError of torch raised now would be caught by the program for good."""
        return any(self._catching)

    # --- modules ----------------------------------------------------------------------------------------------------

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The workspace file meant by an import, recorded as read."""
        key = (importer, module, level)
        if key not in self.reads.imports:
            self.reads.imports[key] = self.program.resolve(importer, module, level)
        return self.reads.imports[key]

    def module_scope(self, path: str, dotted: str) -> ModuleScope | None:
        """The lazy scope of a workspace file, one per run."""
        scope = self._modules.get(path)
        if scope is None:
            source = self.program.source(path)
            if source is None:
                return None
            scope = ModuleScope(path, dotted, source, lazy=True, library=False)
            self._modules[path] = scope
        return scope

    def adopt(self, scope: ModuleScope) -> None:
        """Make `scope`, the module under analysis, what imports of its path find."""
        self.path = scope.path
        self._modules[scope.path] = scope

    def end(self) -> None:
        """Let nothing of the program run any more, not even what cleans up, and let go of its files.

        The values of a run refer to each other in circles, and would hold whole texts until the collector comes by.
        """
        self.limit = -1
        for scope in self._modules.values():
            del scope.source

    def prelude_scope(self, dotted: str) -> ModuleScope | None:
        return SHARED.prelude_scope(dotted)

    def has_prelude_package(self, dotted: str) -> bool:
        return scopes.is_prelude_package(dotted)

    def native_module(self, dotted: str) -> NativeModule | None:
        return SHARED.native_modules.get(dotted)

    def torch_class(self, module: str, name: str) -> ClassValue | None:
        """A class of the prelude, such as `torch.nn.Module`."""
        value = self.module_attribute(ModuleValue(module, self.prelude_scope(module)), name)
        return value if isinstance(value, ClassValue) else None
