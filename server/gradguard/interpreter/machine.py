"""The interpreter's state while one path of one entry runs, and the protocol of Python's data model on its values."""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradguard.interpreter import attributes, exceptions, expressions, imports, items, scopes, statements
from gradguard.interpreter.budget import STEPS_BETWEEN_LOOKS, Budget, Interrupted, never
from gradguard.interpreter.builtin_types import host_type_name
from gradguard.interpreter.builtins import Enumerated, UnknownRange
from gradguard.interpreter.calls import call_function, run_body
from gradguard.interpreter.frames import MISSING, Frame, ModuleScope
from gradguard.interpreter.labels import label_of
from gradguard.interpreter.natives import native_attribute
from gradguard.interpreter.objects import bare_instance, instantiate, is_instance
from gradguard.interpreter.operations import is_plain
from gradguard.interpreter.reads import Reads
from gradguard.interpreter.shared import SHARED
from gradguard.interpreter.sites import Site, WriteKind
from gradguard.interpreter.torch.natives import torch_natives
from gradguard.interpreter.torch.tensors import Tensors
from gradguard.interpreter.values import (
    BoundMethod,
    ClassMethod,
    ClassValue,
    CoroutineValue,
    Deferred,
    FunctionValue,
    GeneratorValue,
    Instance,
    ModuleValue,
    NativeFunction,
    NativeModule,
    OperatorFunction,
    OrderedSet,
    PathEnded,
    Raised,
    StaticMethod,
    SuperValue,
    Unknown,
    Value,
)
from gradguard.tape.hazards import Refusal
from gradguard.tape.tape import Tape
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from gradguard.interpreter.choices import Oracle
    from gradguard.interpreter.program import Program
    from gradguard.tape.hazards import Hazard
    from gradguard.text.chunks import Chunk

MOST_ITEMS = 4096
"""Items of an iterable that are listed at once (unpacking, `list(…)`); a longer one is unknown."""


class Machine:
    """Runs one path. `operations` counts what the tape was asked to do, `steps` the statements executed."""

    ABSENT = attributes.ABSENT
    NOT_HOST = object()

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
        self.layers: dict[object, Value] = {}
        self._reported = 0
        self.backwards = 0
        self.hazards: list[Hazard] = []
        self.refusals: list[Refusal] = []
        self.tensors: Tensors = Tensors(self)

    # --- running ----------------------------------------------------------------------------------------------------

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        return expressions.evaluate(self, node, frame)

    def run(self, body: list[ast.stmt], frame: Frame) -> statements.Signal:
        return statements.run_block(self, body, frame)

    def step(self) -> None:
        """Count a statement; raises PathEnded when the budget is spent, Interrupted when the analysis is no longer wanted."""
        self.steps += 1
        if self.steps % STEPS_BETWEEN_LOOKS == 0 and self.interrupted():
            raise Interrupted
        if self.steps > self.limit:
            raise PathEnded("the budget of steps is spent")

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

    def user_frame(self) -> Frame | None:
        """The innermost frame of the user's program."""
        for frame in reversed(self.stack):
            if not frame.library:
                return frame
        return None

    def site(self, kind: WriteKind | None = None, label: str = "") -> Site | None:
        """The place in the user's program that is being executed."""
        stack = self.stack
        for position in range(len(stack) - 1, -1, -1):
            frame = stack[position]
            if not frame.library and frame.node is not None:
                if frame.calls is None:
                    frame.calls = self._calls_to(position)
                function = frame.function.name if frame.function is not None else ""
                return Site(
                    frame.chunk,
                    frame.node,
                    kind,
                    label,
                    frame.calls,
                    tuple(frame.loops),
                    function,
                    not self.tape.grad_mode,
                )
        return None

    def _calls_to(self, position: int) -> tuple[Site, ...]:
        """The user's call expressions that led to the frame at `position`."""
        for outer in range(position - 1, -1, -1):
            frame = self.stack[outer]
            if frame.library or frame.node is None or frame.class_body or isinstance(frame.node, ast.FunctionDef):
                continue  # a definition stands for whoever calls an entry
            if frame.calls is None:
                frame.calls = self._calls_to(outer)
            name = frame.function.name if frame.function is not None else ""
            if self.stack[position].comprehension and self.stack[position].function is frame.function:
                return frame.calls
            return (*frame.calls, Site(frame.chunk, frame.node, None, "", (), tuple(frame.loops), name))
        return ()

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

    def label_of(self, tensor: Tensor) -> str:
        """The name by which the program reaches a parameter (`critic.0.weight`), "" if no variable in view leads to it."""
        frame = self.user_frame()
        if frame is None:
            return ""
        return label_of(
            tensor, frame.locals if frame.locals is frame.scope.names else {**frame.scope.names, **frame.locals}
        )

    # --- names ------------------------------------------------------------------------------------------------------

    def lookup(self, name: str, frame: Frame) -> Value:
        """The value of a name as seen from `frame`; unknown if nothing in view binds it."""
        if frame.globals is None or name not in frame.globals:
            names = frame.locals
            if name in names:
                value = names[name]
                return imports.settle(self, names, name, value) if type(value) is Deferred else value
            outer = frame.enclosing
            while outer is not None:
                names = outer.locals
                if name in names and not outer.class_body:
                    value = names[name]
                    return imports.settle(self, names, name, value) if type(value) is Deferred else value
                outer = outer.enclosing
        value = scopes.global_name(self, frame.scope, name)
        if value is not MISSING:
            return value
        found = SHARED.builtins.get(name)
        if found is not None:
            return found
        if name == "__name__":
            return "__main__" if not frame.scope.lazy else frame.scope.dotted
        if name == "__file__":
            return Unknown(("file", frame.scope.path))
        return Unknown(("name", name))

    def bind(self, name: str, value: Value, frame: Frame) -> None:
        """Bind a name in `frame`, or where it declared it to live."""
        if frame.globals is not None and name in frame.globals:
            frame.scope.names[name] = value
        elif frame.nonlocals is not None and name in frame.nonlocals:
            outer = frame.enclosing
            while outer is not None:
                if name in outer.locals and not outer.class_body:
                    outer.locals[name] = value
                    return
                outer = outer.enclosing
        else:
            frame.locals[name] = value

    def assign(self, target: ast.expr, value: Value, frame: Frame, node: ast.AST | None = None) -> None:
        """Bind `value` to an assignment target; `node` is the statement, for the place of a write."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value, frame)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, frame, node)
        elif isinstance(target, ast.Attribute):
            receiver = self.evaluate(target.value, frame)
            frame.node = node or target
            self.set_attribute(receiver, target.attr, value)
        elif isinstance(target, ast.Subscript):
            receiver = self.evaluate(target.value, frame)
            index = self.evaluate(target.slice, frame)
            frame.node = node or target
            self.set_item(receiver, index, value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, frame, node)

    def _unpack(self, targets: list[ast.expr], value: Value, frame: Frame, node: ast.AST | None) -> None:
        values = self.listed(value)
        star = next((i for i, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
        if values is None or (star is None and len(values) != len(targets)) or len(values) < len(targets) - 1:
            for position, target in enumerate(targets):
                part = value.part("item", position) if isinstance(value, Unknown) else Unknown()
                self.assign(target, part, frame, node)
            return
        if star is not None:
            after = len(targets) - star - 1
            middle = values[star : len(values) - after]
            values = [*values[:star], middle, *values[len(values) - after :]]
        for target, part in zip(targets, values, strict=True):
            self.assign(target, part, frame, node)

    # --- the data model ---------------------------------------------------------------------------------------------

    def is_tensor(self, value: Value) -> bool:
        return isinstance(value, Tensor)

    def find_attribute(self, receiver: Value, name: str) -> Value:
        return attributes.find_attribute(self, receiver, name)

    def get_attribute(self, receiver: Value, name: str) -> Value:
        return attributes.get_attribute(self, receiver, name)

    def set_attribute(self, receiver: Value, name: str, value: Value) -> None:
        attributes.set_attribute(self, receiver, name, value)

    def delete_attribute(self, receiver: Value, name: str) -> None:
        attributes.delete_attribute(self, receiver, name)

    def get_item(self, receiver: Value, index: Value) -> Value:
        return items.get_item(self, receiver, index)

    def set_item(self, receiver: Value, index: Value, value: Value) -> None:
        items.set_item(self, receiver, index, value)

    def delete_item(self, receiver: Value, index: Value) -> None:
        items.delete_item(self, receiver, index)

    def contains(self, container: Value, item: Value) -> Value:
        from gradguard.interpreter import operations

        return operations.compare(self, ast.In, item, container)

    def method(self, receiver: Value, name: str) -> Value | None:
        """A special method, looked up on the class as Python does; None if there is none."""
        if not isinstance(receiver, Instance):
            return None
        found = receiver.cls.lookup(name)
        return None if found is None else attributes.bind_descriptor(self, found, receiver, receiver.cls)

    def native_method(self, cls: ClassValue, name: str) -> Value:
        """A method of a native class taken from the class (`dict.get`, `super().__init__` of a list)."""
        return NativeFunction(name, lambda machine, args, kwargs: machine._native_call(cls, name, args, kwargs))

    def _native_call(self, cls: ClassValue, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
        if not args:
            return Unknown()
        receiver = args[0]
        if isinstance(receiver, Instance) and receiver.payload is not None:
            receiver = receiver.payload
        if self.is_tensor(receiver):
            return self.tensors.method(receiver, name, args[1:], kwargs)
        method = native_attribute(self, receiver, name)
        return Unknown() if method is None else self.call(method, args[1:], kwargs)

    def object_method(self, name: str, receiver: Value) -> Value:
        """What `super()` finds on `object` itself."""
        if name == "__setattr__" and isinstance(receiver, Instance):
            return NativeFunction(name, lambda machine, args, kwargs: receiver.attributes.__setitem__(args[0], args[1]))
        if name == "__getattribute__" and isinstance(receiver, Instance):
            return NativeFunction(name, lambda machine, args, kwargs: machine.get_attribute(receiver, args[0]))
        if name == "__delattr__" and isinstance(receiver, Instance):
            return NativeFunction(name, lambda machine, args, kwargs: receiver.attributes.pop(args[0], None))
        if name == "__new__":
            return NativeFunction(name, lambda machine, args, kwargs: bare_instance(machine, args))
        return NativeFunction(name, lambda machine, args, kwargs: None)

    def unwrapped(self, function: Value) -> Value:
        """The function inside a staticmethod or classmethod object."""
        return function.function if isinstance(function, StaticMethod | ClassMethod) else function

    def zero_argument_super(self, frame: Frame) -> Value:
        """`super()` in a method."""
        outer: Frame | None = frame
        while outer is not None and (
            outer.function is None or isinstance(outer.function.node, ast.Lambda) or outer.comprehension
        ):
            outer = outer.enclosing
        if outer is None or outer.function is None or outer.function.owner is None:
            return Unknown()
        positional = outer.function.info.positional
        if not positional:
            return Unknown()
        return SuperValue(outer.function.owner, outer.locals.get(positional[0]))

    def type_of(self, value: Value) -> Value:
        """The class of a value."""
        if isinstance(value, Instance):
            return value.cls
        if self.is_tensor(value):
            return self.tensors.class_of(value)
        name = host_type_name(value)
        if name is not None and name in SHARED.classes:
            return SHARED.classes[name]
        if isinstance(value, ClassValue):
            return SHARED.classes["type"]
        return Unknown()

    def is_instance(self, value: Value, cls: Value) -> Value:
        return is_instance(self, value, cls)

    def call(self, callee: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """`callee(*args, **kwargs)`."""
        kind = type(callee)
        if kind is FunctionValue:
            return call_function(self, callee, args, kwargs)
        if kind is BoundMethod:
            return self.call(callee.function, [callee.receiver, *args], kwargs)
        if kind is NativeFunction:
            try:
                return callee.call(self, args, kwargs)
            except (IndexError, KeyError, TypeError, ValueError, AttributeError) as problem:
                # A model met arguments that it does not know; the program goes on with an unknown.
                self.note(f"{callee.name}: {type(problem).__name__}: {problem}")
                return Unknown()
        if kind is OperatorFunction:
            return self.tensors.call(callee.name, args, kwargs)
        if kind is ClassValue:
            return instantiate(self, callee, args, kwargs)
        if kind is Instance:
            method = self.method(callee, "__call__")
            if method is not None:
                return self.call(method, args, kwargs)
        if kind is StaticMethod:
            return self.call(callee.function, args, kwargs)
        return self.call_unknown(callee, args, kwargs)

    def call_unknown(self, callee: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """A call of something out of view: it may change the containers that it is given, and returns an unknown."""
        for value in (*args, *kwargs.values()):
            if isinstance(value, CoroutineValue):
                self.run_coroutine(value)
            elif isinstance(value, list | dict | OrderedSet | deque):
                self.forget([value])
            elif isinstance(value, GeneratorValue):
                value.source = iter(())
        key = callee.key if isinstance(callee, Unknown) else None
        if key is not None and not kwargs and all(isinstance(a, str | int | float | None) for a in args):
            return Unknown(("call", key, *args))
        return Unknown()

    def run_coroutine(self, coroutine: Value) -> Value:
        """What `await` gives; a coroutine runs once."""
        if not isinstance(coroutine, CoroutineValue):
            return coroutine
        frame, coroutine.frame = coroutine.frame, None
        return Unknown() if frame is None else run_body(self, coroutine.function, frame)

    def call_method(self, receiver: Value, name: str, args: list[Value] | None = None) -> Value:
        """Call a special method if there is one, else nothing happens and the result is unknown."""
        if isinstance(receiver, Instance):
            method = self.method(receiver, name)
            if method is not None:
                return self.call(method, args or [], {})
        return Unknown()

    def forget(self, values: list[Value]) -> None:
        """The contents of the containers among `values` are unknown from now on; tensors keep their identity."""
        for value in values:
            if isinstance(value, list):
                value[:] = [Unknown()]
            elif isinstance(value, dict):
                for key in list(value):
                    value[key] = Unknown()
                value[Unknown()] = Unknown()
            elif isinstance(value, deque):
                value.clear()
                value.append(Unknown())
            elif isinstance(value, Tensor):
                self.tape.forget([value])

    # --- truth and numbers ------------------------------------------------------------------------------------------

    def truth(self, value: Value, node: ast.AST, frame: Frame, default: bool | None = None) -> bool:
        """Whether a condition holds on this path; an unknown one is a choice, recognised if it is met again.

        `default` False marks a guard, which is ordinarily not entered.
        """
        if value is True or value is False:
            return value
        if isinstance(value, Unknown):
            preferred = value.default if default is None else default
            if value.key is None:
                value.key = self.oracle.fresh_key(id(node))  # from now on this very value is recognised
            key = value.key
            if type(key) is tuple and len(key) == 2 and key[0] == "not":
                return not self._chosen(key[1], node, not preferred, guard=default is False, negated=True)
            return self._chosen(key, node, preferred, guard=default is False)
        if self.is_tensor(value):
            key = ("truth", value, value.version)
            return self._chosen(key, node, True if default is None else default, guard=default is False)
        return self.truth_of(value)

    def _chosen(self, key: object, node: ast.AST, default: bool, *, guard: bool = False, negated: bool = False) -> bool:
        if not _hashable(key):
            key = self.oracle.fresh_key(id(node))
        made = self.oracle.taken.get(key)
        if made is not None:
            return made.value
        if self.stack and self.stack[-1].library:
            return default  # no path of its own: the prelude is written so that the ordinary way comes first
        text = _text_of(node) if isinstance(node, ast.expr) else "the pattern"
        if negated:
            text = text.removeprefix("not ")
        path = self.stack[-1].scope.path if self.stack else ""
        return self.oracle.choose(key, "guard" if guard else "condition", text, default, id(node), path)

    def truth_of(self, value: Value, default: bool = True) -> bool:
        """The truth of a value that is no condition to choose on."""
        if isinstance(value, Instance):
            for name in ("__bool__", "__len__"):
                method = self.method(value, name)
                if method is not None:
                    result = self.call(method, [], {})
                    return bool(result) if isinstance(result, int) else default
            return bool(value.payload) if value.payload is not None else True
        if is_plain(value) or isinstance(value, deque | OrderedSet):
            return bool(value)
        return default if isinstance(value, Unknown) else True

    def one_of(self, ordinary: Value, other: Value, name: str) -> Value:
        """What `max(…)` or `min(…)` picks of two values whose order is not known."""
        frame = self.stack[-1]
        key = self.oracle.fresh_key(id(frame.node))
        taken = self.oracle.choose(key, "guard", f"`{name}` takes the tensor", True, (id(frame.node), name))
        return ordinary if taken else other

    def index_of(self, value: Value) -> Value:
        """`value` as an integer, if it is one or has `__index__`."""
        if isinstance(value, Instance):
            method = self.method(value, "__index__") or self.method(value, "__int__")
            return self.call(method, [], {}) if method is not None else Unknown()
        return Unknown() if self.is_tensor(value) else value

    def host(self, value: Value) -> Value:
        """A value made of constants only, or NOT_HOST."""
        if isinstance(value, str | int | float | bytes | None | complex):
            return value
        if isinstance(value, tuple | list):
            parts = [self.host(part) for part in value]
            return self.NOT_HOST if any(part is self.NOT_HOST for part in parts) else type(value)(parts)
        return self.NOT_HOST

    def sorted(self, values: list[Value], key: Value, reverse: Value) -> list[Value]:
        """Sorted as the program says; in their order if that cannot be told."""
        keys = [self.host(v if key is None else self.call(key, [v], {})) for v in values]
        if any(k is self.NOT_HOST for k in keys):
            return list(values)
        try:
            order = sorted(range(len(values)), key=lambda i: keys[i], reverse=reverse is True)
        except TypeError:
            return list(values)
        return [values[i] for i in order]

    # --- iteration --------------------------------------------------------------------------------------------------

    def iterate(self, value: Value) -> Iterator[Value] | None:
        """The items of `value`, lazily; None if nothing is known of them."""
        if isinstance(value, list):
            return _live(value)
        if isinstance(value, tuple | str | range | bytes):
            return iter(value)
        if isinstance(value, dict | OrderedSet | deque):
            return iter(list(value))
        if isinstance(value, GeneratorValue):
            return iter(value.source)
        if self.is_tensor(value):
            return self.tensors.iterate(value)
        if isinstance(value, UnknownRange):
            return iter(range(value.start, MOST_ITEMS))
        if isinstance(value, Enumerated):
            return ((i, Unknown()) for i in range(value.start, MOST_ITEMS))
        if isinstance(value, Instance):
            return self._iterate_instance(value)
        if isinstance(value, ClassValue):
            members = [v for k, v in value.attributes.items() if not k.startswith("_") and is_plain(v)]
            return iter(members) if members else None
        return None

    def _iterate_instance(self, value: Instance) -> Iterator[Value] | None:
        method = self.method(value, "__iter__")
        if method is not None:
            iterator = self.call(method, [], {})
            if isinstance(iterator, Instance):
                return self._nexts(iterator)
            return None if iterator is value else self.iterate(iterator)
        if value.payload is not None:
            return self.iterate(value.payload)
        getter = self.method(value, "__getitem__")
        return None if getter is None else self._indexed(value, getter)

    def _nexts(self, iterator: Instance) -> Iterator[Value]:
        method = self.method(iterator, "__next__")
        if method is None:
            return
        while True:
            try:
                with self.handling():
                    value = self.call(method, [], {})
            except Raised as raised:
                if raised.name == "StopIteration":
                    return
                raise
            yield value

    def _indexed(self, value: Instance, getter: Value) -> Iterator[Value]:
        length = self.method(value, "__len__")
        count = self.call(length, [], {}) if length is not None else None
        for index in range(count if isinstance(count, int) else MOST_ITEMS):
            try:
                with self.handling():
                    item = self.call(getter, [index], {})
            except Raised as raised:
                if raised.name == "IndexError":
                    return
                raise
            yield item

    def is_endless(self, value: Value) -> bool:
        """Whether iterating gives unknown items without a known end."""
        return isinstance(value, Unknown) or (not isinstance(value, GeneratorValue) and self.iterate(value) is None)

    def listed(self, value: Value) -> list[Value] | None:
        """All items at once; None if unknown or too many."""
        if isinstance(value, list | tuple):
            return list(value)
        if isinstance(value, UnknownRange | Enumerated):
            return None
        iterator = self.iterate(value)
        if iterator is None:
            return None
        values: list[Value] = []
        for item in iterator:
            values.append(item)
            if len(values) > MOST_ITEMS:
                return None
        return values

    def next(self, generator: GeneratorValue) -> Value:
        """The next value of a generator; StopIteration in the program if there is none."""
        value = next(iter(generator.source), attributes.ABSENT)
        if value is attributes.ABSENT:
            raise exceptions.raised(self, "StopIteration")
        return value

    def mapping_of(self, value: Value) -> dict[Value, Value] | None:
        """A dict behind `value`, or None."""
        if isinstance(value, Instance):
            if isinstance(value.payload, dict):
                return value.payload
            keys = self.method(value, "keys")
            if keys is not None:
                names = self.listed(self.call(keys, [], {})) or []
                return {name: self.get_item(value, name) for name in names}
        return value if isinstance(value, dict) else None

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

    def prelude_scope(self, dotted: str) -> ModuleScope | None:
        return SHARED.prelude_scope(dotted)

    def has_prelude_package(self, dotted: str) -> bool:
        return scopes.is_prelude_package(dotted)

    def native_module(self, dotted: str) -> NativeModule | None:
        return SHARED.native_modules.get(dotted)

    def module_attribute(self, module: ModuleValue, name: str) -> Value | None:
        return scopes.module_attribute(self, module, name)

    def exported(self, module: Value) -> list[str]:
        return scopes.exported(self, module)

    def torch_class(self, module: str, name: str) -> ClassValue | None:
        """A class of the prelude, such as `torch.nn.Module`."""
        value = self.module_attribute(ModuleValue(module, self.prelude_scope(module)), name)
        return value if isinstance(value, ClassValue) else None


def _text_of(node: ast.expr) -> str:
    text: str | None = getattr(node, "gradguard_text", None)
    if text is None:
        text = ast.unparse(node)
        node.gradguard_text = text  # type: ignore[attr-defined]  # kept with the tree: every path asks again
    return text


def _hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _live(values: list[Value]) -> Iterator[Value]:
    """The items of a list that may grow while it is iterated."""
    position = 0
    while position < len(values) and position < MOST_ITEMS * 16:
        yield values[position]
        position += 1
