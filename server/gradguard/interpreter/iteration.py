"""How often a loop runs: over all items of a known sequence where that is cheap, else until its rounds repeat.

Two or three rounds show what one iteration leaves behind for the next. More are run where rounds differ (they take other branches, or
count with `%`), within an allowance of steps.
"""

from __future__ import annotations

import ast
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from gradguard.interpreter.builtin_sequences import Enumerated, UnknownRange
from gradguard.interpreter.frames import Frame
from gradguard.interpreter.lengths import asks_for_a_number
from gradguard.interpreter.trees import nodes_of
from gradguard.interpreter.values import Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

LEAST_ROUNDS = 3
MOST_ROUNDS = 4096
UNKNOWN_ROUNDS = 3
COUNTING_ROUNDS = 12
ENDLESS_ROUNDS = 32


def rounds_of(
    machine: Machine, node: ast.For | ast.AsyncFor | ast.While, frame: Frame, *, pauses: bool = False
) -> Generator[None]:
    """The rounds of one execution of a loop, as a generator: the caller runs the body for each, and closes it when it leaves early.

    `pauses`: the body has a `yield`, so that a loop without end goes on for as long as somebody asks for values.
    """
    return (
        _while_rounds(machine, node, frame, pauses)
        if isinstance(node, ast.While)
        else _for_rounds(machine, node, frame)
    )


def _for_rounds(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> Generator[None]:
    iterable = machine.evaluate(node.iter, frame)
    frame.node = node.iter
    with closing(iter(Iteration(machine, iterable, node, frame))) as items:
        for item in items:
            frame.node = node.iter
            machine.assign(node.target, item, frame)
            yield


def _while_rounds(machine: Machine, node: ast.While, frame: Frame, pauses: bool) -> Generator[None]:
    pace = Pace(machine, node, machine.budget.loop_allowance(len(frame.loops)))
    asked_for = pauses and isinstance(node.test, ast.Constant) and bool(node.test.value)
    loop = frame.new_loop()
    frame.loops.append((loop, 0))
    try:
        while True:
            test = machine.evaluate(node.test, frame)
            known = not isinstance(test, Unknown) and not machine.is_tensor(test)
            if not machine.truth(test, node.test, frame) if known else pace.rounds >= UNKNOWN_ROUNDS:
                return
            yield
            if pace.enough(test if known else 0) and not asked_for:
                return
            frame.loops[-1] = (loop, pace.rounds)
    finally:
        frame.loops.pop()


class Iteration:
    """The items of one execution of a `for` clause, with the frame's loops kept up to date: what is iterated over belongs to the round
    that asks for it."""

    __slots__ = ("_allowance", "_body", "_counted", "_endless", "_frame", "_items", "_last", "_machine")

    def __init__(self, machine: Machine, iterable: Value, body: ast.AST, frame: Frame) -> None:
        self._machine = machine
        self._counted = iterable if isinstance(iterable, (UnknownRange, Enumerated)) else None
        self._last = iterable[-1] if isinstance(iterable, range) and iterable and counter_comparisons(body) else None
        items = machine.iterate(iterable)
        end = self._settled_end(body)
        self._items = items if items is None or end is None else islice(items, max(end, 0))
        self._endless = self._counted is not None and end is None
        self._body = body
        self._frame = frame
        self._allowance = machine.budget.loop_allowance(len(frame.loops))

    def __iter__(self) -> Generator[Value]:
        machine, frame = self._machine, self._frame
        pace = Pace(machine, self._body, self._allowance, endless=self._endless)
        source = iter([Unknown() for _ in range(UNKNOWN_ROUNDS)]) if self._items is None else self._items
        loop = frame.new_loop()
        frame.loops.append((loop, 0))
        try:
            for item in source:
                yield item
                enough = pace.enough(item)
                frame.loops[-1] = (loop, pace.rounds)
                if not enough:
                    continue
                if self._counted is not None:
                    machine.lengths.take(self._counted.end, self._counted.start + pace.rounds)
                elif self._last is not None and item != self._last:
                    yield self._last  # of the rounds left out, the one that the body may tell from the others
                break
        finally:
            frame.loops.pop()

    def _settled_end(self, body: ast.AST) -> int | None:
        """How many rounds a loop up to an unknown end has, where that must be known: it was met before, or the body asks for it."""
        counted = self._counted
        if counted is None or not isinstance(counted.end, Unknown) or counts_rounds(body):
            return None
        if not all(map(asks_for_a_number, counter_comparisons(body))):
            self._machine.lengths.take(counted.end, counted.start + LEAST_ROUNDS)
        end = self._machine.lengths.of(counted.end.key)
        return None if end is None else end - counted.start


class Pace:
    """Decides after each round whether a loop has shown what it does."""

    __slots__ = ("_allowance", "_counting", "_endless", "_last", "_machine", "_mark", "_start", "rounds")

    def __init__(self, machine: Machine, body: ast.AST, allowance: int, *, endless: bool = False) -> None:
        self._machine = machine
        self._endless = endless
        self._counting = counts_rounds(body)
        self._allowance = allowance
        self._start = machine.steps
        self._mark = (machine.steps, machine.operations, len(machine.oracle.taken))
        self._last: tuple[int, ...] | None = None
        self.rounds = 0

    def enough(self, item: Value) -> bool:
        """Whether to stop after the round for `item`."""
        machine = self._machine
        machine.step()
        self.rounds += 1
        now = (machine.steps, machine.operations, len(machine.oracle.taken))
        before = self._mark
        trace = (now[0] - before[0], now[1] - before[1], now[2] - before[2])
        repeated = trace == self._last
        self._mark, self._last = now, trace
        if self.rounds < LEAST_ROUNDS:
            return False
        spent = machine.steps - self._start
        if spent > self._allowance or self.rounds >= MOST_ROUNDS or (self._endless and self.rounds >= ENDLESS_ROUNDS):
            return True
        if not repeated or not _alike(item):
            return False
        if self._counting and self.rounds < COUNTING_ROUNDS:
            return False
        # A cheap loop over a known range runs to its end: what it counts or collects is then exact.
        return self._endless or (trace[1] > 0 and spent > self._allowance // 8)


def _alike(item: Value) -> bool:
    """Whether the next item will be treated as this one: numbers, batches and unknowns are, modules and functions are not."""
    if isinstance(item, tuple):
        return all(_alike(part) for part in item)
    return not hasattr(item, "cls") and not hasattr(item, "node")


def counter_comparisons(body: ast.AST) -> tuple[ast.Compare, ...]:
    """The comparisons of what a `for` clause counts that its body makes, such as `i < n - 1`."""
    found: tuple[ast.Compare, ...] | None = getattr(body, "gradguard_compared", None)
    if found is None:
        names = _names_in(getattr(body, "target", body))
        compared = [node for node in nodes_of(body) if isinstance(node, ast.Compare)]
        found = tuple(node for node in compared if names & _names_in(node))
        body.gradguard_compared = found  # type: ignore[attr-defined]  # kept with the tree it describes
    return found


def _names_in(node: ast.AST) -> set[str]:
    return {part.id for part in nodes_of(node) if isinstance(part, ast.Name)}


def counts_rounds(body: ast.AST) -> bool:
    """Whether the loop's body asks which round it is: `%` in a condition."""
    counts: bool | None = getattr(body, "gradguard_counts", None)
    if counts is None:
        tests = (node.test for node in nodes_of(body) if isinstance(node, (ast.If, ast.IfExp)))
        counts = any(_takes_remainder(part) for test in tests for part in nodes_of(test))
        body.gradguard_counts = counts  # type: ignore[attr-defined]  # kept with the tree it describes
    return counts


def _takes_remainder(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod)
