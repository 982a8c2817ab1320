"""Bodies with `yield`: the same statements as in `statements`, run as a host generator so that they can pause.

Only compound statements that contain a `yield` are repeated here; everything else is run by `statements`. A `yield` may stand alone, be
assigned, or be returned; deeper inside an expression its value is unknown and it yields before the expression is evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions
from gradguard.interpreter.iteration import rounds_of
from gradguard.interpreter.managers import entered
from gradguard.interpreter.statements import BREAK, CONTINUE, Returned, Signal
from gradguard.interpreter.trees import nodes_of
from gradguard.interpreter.values import GeneratorValue, Raised, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.frames import Frame
    from gradguard.interpreter.machine import Machine

Steps = Iterator[Value]


def run_generator(machine: Machine, body: list[ast.stmt], frame: Frame, generator: GeneratorValue) -> Steps:
    """Run `body` to its end, yielding what it yields; the return value is left in `generator.returned`."""
    signal: list[Signal] = [None]
    yield from _block(machine, body, frame, generator, signal)
    if isinstance(signal[0], Returned):
        generator.returned = signal[0].value


def _has_yield(node: ast.AST) -> bool:
    cached = getattr(node, "gradguard_yields", None)
    if cached is None:
        cached = any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in nodes_of(node))
        node.gradguard_yields = cached  # type: ignore[attr-defined]  # kept with the tree it describes
    return bool(cached)


def _block(machine: Machine, body: list[ast.stmt], frame: Frame, generator: GeneratorValue, out: list[Signal]) -> Steps:
    """Run statements; the signal that leaves the block is put into `out[0]`."""
    for statement in body:
        if _has_yield(statement):
            machine.step()
            yield from _statement(machine, statement, frame, generator, out)
        else:
            out[0] = machine.run([statement], frame)
        if out[0] is not None:
            return


def _statement(machine: Machine, node: ast.stmt, frame: Frame, generator: GeneratorValue, out: list[Signal]) -> Steps:
    match node:
        case ast.If():
            test = machine.evaluate(node.test, frame)
            taken = machine.truth(test, node.test, frame)
            yield from _block(machine, node.body if taken else node.orelse, frame, generator, out)
        case ast.For() | ast.AsyncFor() | ast.While():
            yield from _loop(machine, node, frame, generator, out)
        case ast.With() | ast.AsyncWith():
            with entered(machine, node.items, frame):
                yield from _block(machine, node.body, frame, generator, out)
        case ast.Try():
            yield from _try(machine, node, frame, generator, out)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            out[0] = machine.run([node], frame)
        case _:
            yield from _simple(machine, node, frame, generator, out)


def _simple(machine: Machine, node: ast.stmt, frame: Frame, generator: GeneratorValue, out: list[Signal]) -> Steps:
    value_node = getattr(node, "value", None)
    if not isinstance(value_node, (ast.Yield, ast.YieldFrom)):
        for part in nodes_of(node):
            if isinstance(part, ast.Yield):
                yield None if part.value is None else machine.evaluate(part.value, frame)
        return
    result: Value
    if isinstance(value_node, ast.YieldFrom):
        source = machine.evaluate(value_node.value, frame)
        items = machine.iterate(source)
        yield from [Unknown()] if items is None else items
        result = source.returned if isinstance(source, GeneratorValue) else None
    else:
        yield None if value_node.value is None else machine.evaluate(value_node.value, frame)
        result, generator.sent = generator.sent, None
    if isinstance(node, ast.Assign):
        for target in node.targets:
            machine.assign(target, result, frame)
    elif isinstance(node, ast.Return):
        out[0] = Returned(result)


def _loop(
    machine: Machine,
    node: ast.For | ast.AsyncFor | ast.While,
    frame: Frame,
    generator: GeneratorValue,
    out: list[Signal],
) -> Steps:
    with closing(rounds_of(machine, node, frame, pauses=True)) as rounds:
        for _ in rounds:
            yield from _block(machine, node.body, frame, generator, out)
            signal, out[0] = out[0], None
            if signal is BREAK:
                return
            if signal is not None and signal is not CONTINUE:
                out[0] = signal
                return
    yield from _block(machine, node.orelse, frame, generator, out)


def _try(machine: Machine, node: ast.Try, frame: Frame, generator: GeneratorValue, out: list[Signal]) -> Steps:
    try:
        yield from _block(machine, node.body, frame, generator, out)
        if out[0] is None:
            yield from _block(machine, node.orelse, frame, generator, out)
    except Raised as raised:
        handler = exceptions.matching_handler(machine, node, raised, frame)
        if handler is None:
            raise
        if handler.name is not None:
            machine.bind(handler.name, raised.value, frame)
        yield from _block(machine, handler.body, frame, generator, out)
    finally:
        # A generator that is left is closed here, also after the path has ended.
        quiet = machine.exhausted or _has_yield_in(node.finalbody)
        signal = None if quiet else machine.run(node.finalbody, frame)
        if signal is not None:
            out[0] = signal


def _has_yield_in(body: list[ast.stmt]) -> bool:
    return any(_has_yield(statement) for statement in body)
