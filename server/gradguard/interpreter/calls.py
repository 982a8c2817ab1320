"""Making functions, binding arguments to parameters, and running a function's body."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from gradguard.interpreter.frames import Frame
from gradguard.interpreter.trees import nodes_of
from gradguard.interpreter.values import CoroutineValue, FunctionValue, GeneratorValue, PathEnded, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


class FunctionInfo:
    """What calling needs to know of a definition, computed once for its node."""

    __slots__ = ("how", "keyword_only", "kwarg", "plain", "positional", "positional_only", "vararg")

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        arguments = node.args
        self.positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        self.positional_only = {a.arg for a in arguments.posonlyargs}
        self.keyword_only = [a.arg for a in arguments.kwonlyargs]
        self.vararg = arguments.vararg.arg if arguments.vararg else None
        self.kwarg = arguments.kwarg.arg if arguments.kwarg else None
        self.plain = not (self.keyword_only or self.vararg or self.kwarg)
        self.how: Literal["generates", "awaits", "runs"] | None = None

    def settle(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> str:
        """What a call of `node`, which this is about, does, kept in `how`; found out late, for most functions are never called."""
        if not isinstance(node, ast.Lambda) and _yields(node.body):
            self.how = "generates"
        else:
            self.how = "awaits" if isinstance(node, ast.AsyncFunctionDef) else "runs"
        return self.how


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def _yields(body: list[ast.stmt]) -> bool:
    """Whether the body itself (not a function in it) has a `yield`."""
    return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for node in body for part in nodes_of(node, _SCOPES))


def _info(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> FunctionInfo:
    info = getattr(node, "gradguard_info", None)
    if info is None:
        info = FunctionInfo(node)
        node.gradguard_info = info  # type: ignore[union-attr]  # kept with the tree it describes
    return info


def function_value(
    machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, frame: Frame
) -> FunctionValue:
    """The function that a `def` or `lambda` makes in `frame`; its defaults are evaluated now."""
    arguments = node.args
    defaults = [machine.evaluate(default, frame) for default in arguments.defaults]
    keyword_defaults = {
        argument.arg: machine.evaluate(default, frame)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    }
    enclosing = frame.enclosing if frame.class_body else frame
    if (
        enclosing is not None
        and enclosing.function is None
        and enclosing.enclosing is None
        and not enclosing.class_body
    ):
        enclosing = None if not enclosing.comprehension else enclosing
    function = FunctionValue(
        node,
        _info(machine, node),
        frame.chunk,
        frame.scope,
        enclosing,
        defaults,
        keyword_defaults,
    )
    function.owner = frame.owner
    return function


def decorated_function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Value:
    """The value that a `def` binds: the function, passed through its decorators; an unknown decorator leaves it as it is."""
    value: Value = function_value(machine, node, frame)
    for decorator in reversed(node.decorator_list):
        frame.node = decorator
        value = decorate(machine, machine.evaluate(decorator, frame), value)
    return value


def decorate(machine: Machine, decorator: Value, value: Value) -> Value:
    """`decorator(value)`; what is unknown is taken to register or trace and to hand back what it got."""
    if isinstance(decorator, Unknown):
        return value
    result: Value = None
    with machine.allowed(machine.budget.decoration):  # what takes longer documents or registers
        result = machine.call(decorator, [value], {})
    return value if isinstance(result, Unknown) or result is None else result


def bind_arguments(
    machine: Machine, function: FunctionValue, args: list[Value], kwargs: dict[str, Value]
) -> dict[str, Value]:
    """The locals that a call starts with. A missing argument is unknown; too many are dropped."""
    info = function.info
    positional = info.positional
    count = len(positional)
    bound = dict(zip(positional, args, strict=False))
    if info.plain and not kwargs and len(bound) == count:
        return bound
    if info.vararg is not None:
        bound[info.vararg] = tuple(args[count:])
    extra: dict[str, Value] | None = None
    for name, value in kwargs.items():
        if (name in positional and name not in info.positional_only and name not in bound) or name in info.keyword_only:
            bound[name] = value
        elif info.kwarg is not None:
            extra = extra or {}
            extra[name] = value
    if info.kwarg is not None:
        bound[info.kwarg] = extra or {}
    opaque = "**" in kwargs
    if len(bound) < count + len(info.keyword_only) + (info.vararg is not None) + (info.kwarg is not None):
        first_default = count - len(function.defaults)
        for index in range(len(args), count):
            name = positional[index]
            if name not in bound:
                default = index >= first_default and not opaque
                bound[name] = function.defaults[index - first_default] if default else Unknown(("argument", name))
        for name in info.keyword_only:
            if name not in bound:
                bound[name] = (
                    function.keyword_defaults[name]
                    if name in function.keyword_defaults and not opaque
                    else Unknown(("argument", name))
                )
    return bound


def call_function(machine: Machine, function: FunctionValue, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Run a function of the program or the prelude and return its value."""
    if len(machine.stack) >= machine.budget.depth:
        machine.note(f"call depth reached at {function.name}")
        machine.forget(args)
        return Unknown()
    frame = Frame(function.scope, function.chunk, function.enclosing, function)
    frame.locals = bind_arguments(machine, function, args, kwargs)
    frame.owner = function.owner
    if not frame.library:
        machine.read_body(function)
    how = function.info.how or function.info.settle(function.node)
    if how == "generates":
        return start_generator(machine, function, frame)
    return CoroutineValue(function, frame) if how == "awaits" else run_body(machine, function, frame)


def run_body(machine: Machine, function: FunctionValue, frame: Frame) -> Value:
    """Run the body of `function` in `frame`, which holds its arguments."""
    stack, node = machine.stack, function.node
    if stack:
        frame.loops = list(stack[-1].loops)
    stack.append(frame)
    try:
        if isinstance(node, ast.Lambda):
            return machine.evaluate(node.body, frame)
        signal = machine.run(node.body, frame)
    finally:
        stack.pop()
    return None if signal is None or isinstance(signal, str) else signal.value


def start_generator(machine: Machine, function: FunctionValue, frame: Frame) -> GeneratorValue:
    """A generator over the function's body; it runs between a `next` and the `yield` after it, as Python's does."""
    from gradguard.interpreter.generators import run_generator  # the two need each other

    assert not isinstance(function.node, ast.Lambda)
    generator = GeneratorValue(iter(()))
    generator.source = resumed(machine, frame, run_generator(machine, function.node.body, frame, generator))
    return generator


def resumed(machine: Machine, frame: Frame, source: object) -> Value:
    """Yield from `source` with `frame` on the stack while it runs, and only then."""
    iterator = iter(source)  # type: ignore[call-overload]
    around = 0
    while True:
        if len(machine.stack) >= machine.budget.depth:
            raise PathEnded("call depth reached in a generator")
        if machine.stack:
            frame.loops[:around] = machine.stack[-1].loops  # its own come after those of whoever asks
            around = len(machine.stack[-1].loops)
        machine.stack.append(frame)
        try:
            value = next(iterator)
        except StopIteration:
            return
        finally:
            machine.stack.pop()
        try:
            yield value
        except GeneratorExit:
            machine.stack.append(frame)  # what its `finally` does, it does itself
            try:
                iterator.close()
            finally:
                machine.stack.pop()
            raise
