"""Calls: what `callee(*args, **kwargs)` does for each kind of callee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.calls import call_function, run_body
from gradguard.interpreter.objects import instantiate
from gradguard.interpreter.outside import call_unknown
from gradguard.interpreter.values import (
    BoundMethod,
    ClassValue,
    CoroutineValue,
    FunctionValue,
    Instance,
    NativeFunction,
    OperatorFunction,
    StaticMethod,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def call(machine: Machine, callee: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`callee(*args, **kwargs)`."""
    while type(callee) is BoundMethod:
        callee, args = callee.function, [callee.receiver, *args]
    kind = type(callee)
    if kind is FunctionValue:
        return call_function(machine, callee, args, kwargs)
    if kind is NativeFunction:
        try:
            return callee.call(machine, args, kwargs)
        except (IndexError, KeyError, TypeError, ValueError, AttributeError) as problem:
            # A model met arguments that it does not know; the program goes on with an unknown.
            machine.note(f"{callee.name}: {type(problem).__name__}: {problem}")
            return Unknown()
    if kind is OperatorFunction:
        return machine.tensors.call(callee.name, args, kwargs)
    if kind is ClassValue:
        maker = callee.metaclass.lookup("__call__") if callee.metaclass is not None else None
        return (
            instantiate(machine, callee, args, kwargs)
            if maker is None
            else machine.call(maker, [callee, *args], kwargs)
        )
    if kind is Instance:
        method = machine.method(callee, "__call__")
        if method is not None:
            return machine.call(method, args, kwargs)
    if kind is StaticMethod:
        return machine.call(callee.function, args, kwargs)
    return call_unknown(machine, callee, args, kwargs)


def call_method(machine: Machine, receiver: Value, name: str, args: list[Value] | None = None) -> Value:
    """Call a special method if there is one, else nothing happens and the result is unknown."""
    if isinstance(receiver, Instance):
        method = machine.method(receiver, name)
        if method is not None:
            return machine.call(method, args or [], {})
    return Unknown()


def run_coroutine(machine: Machine, coroutine: Value) -> Value:
    """What `await` gives; a coroutine runs once."""
    if not isinstance(coroutine, CoroutineValue):
        return coroutine
    frame, coroutine.frame = coroutine.frame, None
    return Unknown() if frame is None else run_body(machine, coroutine.function, frame)
