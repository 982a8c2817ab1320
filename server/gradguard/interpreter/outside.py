"""What code out of view may do to the values that it is given."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gradguard.interpreter.values import CoroutineValue, GeneratorValue, OrderedSet, Unknown, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


READING_MODULES = frozenset(
    "base64 csv datetime gc glob hashlib inspect io json logging os pathlib pickle platform pprint re shutil statistics string struct "
    "textwrap time traceback warnings".split()
)
"""Modules of the standard library that print, store or describe what they are given and leave it as it is."""


def call_unknown(machine: Machine, callee: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call of something out of view: it may change the containers that it is given, and returns an unknown."""
    key = callee.key if isinstance(callee, Unknown) else None
    only_reads = _module_of(key) in READING_MODULES
    for value in (*args, *kwargs.values()):
        if isinstance(value, CoroutineValue):
            machine.run_coroutine(value)
        elif isinstance(value, (list, dict, OrderedSet, deque)) and not only_reads:
            forget(machine, [value])
        elif isinstance(value, GeneratorValue):
            value.source = iter(())
    if key is not None and not kwargs and all(isinstance(a, (str, int, float, type(None))) for a in args):
        return Unknown(("call", key, *args))
    return Unknown()


def _module_of(key: object) -> str:
    """The top-level module that the unknown with this key was reached from, "" if it is not from a module out of view."""
    while isinstance(key, tuple) and key:
        if key[0] in ("module", "import"):
            return str(key[1]).partition(".")[0]
        key = key[1] if key[0] == "call" else key[0]
    return ""


def forget(machine: Machine, values: list[Value]) -> None:
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
            machine.tape.forget([value])
