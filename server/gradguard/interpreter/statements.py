"""Execution of statements. Each returns None to go on, or the signal that leaves the block: BREAK, CONTINUE or a `Returned`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions, operations, patterns
from gradguard.interpreter.calls import decorated_function
from gradguard.interpreter.classes import define_class
from gradguard.interpreter.expressions import evaluate
from gradguard.interpreter.frames import Frame
from gradguard.interpreter.imports import import_from, import_module
from gradguard.interpreter.iteration import rounds_of
from gradguard.interpreter.managers import entered
from gradguard.interpreter.values import Raised, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

HOLE = "__gradguard_hole__"
"""The call that `text` puts in place of lines that do not parse; its arguments are the names seen there."""


class Returned:
    """The signal of a `return` with its value."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


BREAK = "break"
CONTINUE = "continue"
Signal = Returned | str | None


def run_block(machine: Machine, body: list[ast.stmt], frame: Frame) -> Signal:
    """Run the statements of `body` in order, until one leaves it."""
    for statement in body:
        machine.step()
        handler = _HANDLERS.get(type(statement))
        if handler is not None:
            signal = handler(machine, statement, frame)
            if signal is not None:
                return signal
    return None


def _expression(machine: Machine, node: ast.Expr, frame: Frame) -> Signal:
    value = node.value
    if type(value) is ast.Constant:
        return None
    if type(value) is ast.Call and type(value.func) is ast.Name and value.func.id == HOLE:
        machine.forget([machine.lookup(n.id, frame) for n in value.args if isinstance(n, ast.Name)])
        for name in value.args:
            if isinstance(name, ast.Name) and name.id in frame.locals:
                frame.locals[name.id] = Unknown()
        return None
    evaluate(machine, value, frame)
    return None


def _assign(machine: Machine, node: ast.Assign, frame: Frame) -> Signal:
    value = evaluate(machine, node.value, frame)
    for target in node.targets:
        frame.node = node
        machine.assign(target, value, frame, node)
    return None


def _annotated(machine: Machine, node: ast.AnnAssign, frame: Frame) -> Signal:
    if frame.owner is not None and frame.function is None and isinstance(node.target, ast.Name):
        annotations = frame.locals.setdefault("__annotations__", {})
        annotations[node.target.id] = node.annotation
    if node.value is not None:
        value = evaluate(machine, node.value, frame)
        frame.node = node
        machine.assign(node.target, value, frame, node)
    return None


def _augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> Signal:
    target, op = node.target, type(node.op)
    if isinstance(target, ast.Name):
        left = machine.lookup(target.id, frame)
        right = evaluate(machine, node.value, frame)
        frame.node = node
        machine.bind(target.id, operations.in_place(machine, op, left, right), frame)
        return None
    receiver = evaluate(machine, target.value, frame)
    if isinstance(target, ast.Attribute):
        frame.node = target
        left = machine.get_attribute(receiver, target.attr)
        right = evaluate(machine, node.value, frame)
        frame.node = node
        machine.set_attribute(receiver, target.attr, operations.in_place(machine, op, left, right))
        return None
    index = evaluate(machine, target.slice, frame)
    frame.node = target
    left = machine.get_item(receiver, index)
    right = evaluate(machine, node.value, frame)
    frame.node = node
    machine.set_item(receiver, index, operations.in_place(machine, op, left, right))
    return None


def _if(machine: Machine, node: ast.If, frame: Frame) -> Signal:
    test = evaluate(machine, node.test, frame)
    if isinstance(test, bool):
        taken = test
    else:
        taken = machine.truth(test, node.test, frame, default=False if _leaves_early(node) else None)
    return run_block(machine, node.body if taken else node.orelse, frame)


def _leaves_early(node: ast.If) -> bool:
    """A guard: an unknown condition before `raise`, `return`, `continue` is ordinarily false."""
    return not node.orelse and isinstance(node.body[-1], (ast.Raise, ast.Return, ast.Continue, ast.Break))


def _loop(machine: Machine, node: ast.For | ast.AsyncFor | ast.While, frame: Frame) -> Signal:
    with closing(rounds_of(machine, node, frame)) as rounds:
        for _ in rounds:
            signal = run_block(machine, node.body, frame)
            if signal is BREAK:
                return None
            if signal is not None and signal is not CONTINUE:
                return signal
    return run_block(machine, node.orelse, frame)


def _return(machine: Machine, node: ast.Return, frame: Frame) -> Signal:
    value = None if node.value is None else evaluate(machine, node.value, frame)
    frame.node = node
    return Returned(value)


def _break(machine: Machine, node: ast.Break, frame: Frame) -> Signal:
    return BREAK


def _continue(machine: Machine, node: ast.Continue, frame: Frame) -> Signal:
    return CONTINUE


def _with(machine: Machine, node: ast.With | ast.AsyncWith, frame: Frame) -> Signal:
    with entered(machine, node.items, frame):
        return run_block(machine, node.body, frame)
    return None  # an exception was swallowed


def _try(machine: Machine, node: ast.Try, frame: Frame) -> Signal:
    signal: Signal = None
    try:
        with machine.catching(exceptions.swallows_runtime_errors(node)):
            signal = run_block(machine, node.body, frame)
        if signal is None and node.orelse:
            signal = run_block(machine, node.orelse, frame)
    except Raised as raised:
        handler = exceptions.matching_handler(machine, node, raised, frame)
        if handler is None:
            leaving = run_block(machine, node.finalbody, frame)
            if leaving is not None:
                return leaving
            raise
        signal = _handle(machine, node, handler, raised, frame)
    leaving = run_block(machine, node.finalbody, frame)
    return signal if leaving is None else leaving


def _handle(machine: Machine, node: ast.Try, handler: ast.ExceptHandler, raised: Raised, frame: Frame) -> Signal:
    if handler.name is not None:
        machine.bind(handler.name, raised.value, frame)
    outer, frame.handled = frame.handled, raised
    try:
        return run_block(machine, handler.body, frame)
    except Raised:
        leaving = run_block(machine, node.finalbody, frame)
        if leaving is not None:
            return leaving
        raise
    finally:
        frame.handled = outer


def _raise(machine: Machine, node: ast.Raise, frame: Frame) -> Signal:
    if node.exc is None:
        if isinstance(frame.handled, Raised):
            raise frame.handled
        raise Raised("RuntimeError")
    raise exceptions.raised_by(machine, evaluate(machine, node.exc, frame))


def _assert(machine: Machine, node: ast.Assert, frame: Frame) -> Signal:
    test = evaluate(machine, node.test, frame)
    if test is False:
        raise exceptions.raised(machine, "AssertionError")
    return None


def _function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Signal:
    machine.bind(node.name, decorated_function(machine, node, frame), frame)
    return None


def _class(machine: Machine, node: ast.ClassDef, frame: Frame) -> Signal:
    machine.bind(node.name, define_class(machine, node, frame), frame)
    return None


def _global(machine: Machine, node: ast.Global, frame: Frame) -> Signal:
    frame.globals = (frame.globals or set()) | set(node.names)
    return None


def _nonlocal(machine: Machine, node: ast.Nonlocal, frame: Frame) -> Signal:
    frame.nonlocals = (frame.nonlocals or set()) | set(node.names)
    return None


def _import(machine: Machine, node: ast.Import, frame: Frame) -> Signal:
    for alias in node.names:
        module = import_module(machine, alias.name, frame.scope)
        if alias.asname is None:
            root = alias.name.partition(".")[0]
            if root != alias.name:
                module = import_module(machine, root, frame.scope)
            machine.bind(root, module, frame)
        else:
            machine.bind(alias.asname, module, frame)
    return None


def _import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> Signal:
    # A library imports far more than one path through it needs.
    for name, value in import_from(machine, node, frame.scope, deferred=frame.locals is frame.scope.names):
        machine.bind(name, value, frame)
    return None


def _delete(machine: Machine, node: ast.Delete, frame: Frame) -> Signal:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.locals.pop(target.id, None)
        elif isinstance(target, ast.Attribute):
            machine.delete_attribute(evaluate(machine, target.value, frame), target.attr)
        elif isinstance(target, ast.Subscript):
            receiver = evaluate(machine, target.value, frame)
            machine.delete_item(receiver, evaluate(machine, target.slice, frame))
    return None


def _match(machine: Machine, node: ast.Match, frame: Frame) -> Signal:
    subject = evaluate(machine, node.subject, frame)
    for case in node.cases:
        matched = patterns.matches(machine, case.pattern, subject, frame)
        if isinstance(matched, Unknown):
            matched = machine.truth(matched, case.pattern, frame)
        if not matched:
            continue
        if case.guard is None or machine.truth(evaluate(machine, case.guard, frame), case.guard, frame):
            return run_block(machine, case.body, frame)
    return None


_HANDLERS: dict[type, Callable[..., Signal]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.While: _loop,
    ast.Return: _return,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Delete: _delete,
    ast.Match: _match,
}
if hasattr(ast, "TryStar"):
    _HANDLERS[ast.TryStar] = _try
