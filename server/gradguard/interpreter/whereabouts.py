"""Where in the user's program a run is: its innermost frame, the place executed there, and the calls that led to it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.frames import Frame
from gradguard.interpreter.labels import Labels
from gradguard.interpreter.sites import Site, WriteKind
from gradguard.tape.recording import tensors_in
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def user_frame(machine: Machine) -> Frame | None:
    """The innermost frame of the user's program."""
    for frame in reversed(machine.stack):
        if not frame.library:
            return frame
    return None


def site(machine: Machine, kind: WriteKind | None = None, label: str = "") -> Site | None:
    """The place in the user's program that is being executed."""
    stack = machine.stack
    for position in range(len(stack) - 1, -1, -1):
        frame = stack[position]
        if not frame.library and frame.node is not None:
            if frame.calls is None:
                frame.calls = _calls_to(machine, position)
            function = frame.function.name if frame.function is not None else ""
            return Site(
                frame.chunk,
                frame.node,
                kind,
                label,
                frame.calls,
                tuple(frame.loops),
                function,
                not machine.tape.grad_mode,
            )
    return None


def written_inside(machine: Machine, tensor: Tensor) -> str:
    """The user's call as source text, if the library writes `tensor` in it and it is none of the call's arguments; else ""."""
    called: Frame | None = None
    for frame in reversed(machine.stack):
        if not frame.library:
            break
        called = frame
    else:
        return ""
    if called is None or not isinstance(frame.node, ast.Call):
        return ""
    handed = (each for value in called.locals.values() for each in tensors_in(value))
    return "" if any(each.storage is tensor.storage for each in handed) else ast.unparse(frame.node)


def _calls_to(machine: Machine, position: int) -> tuple[Site, ...]:
    """The user's call expressions that led to the frame at `position`."""
    for outer in range(position - 1, -1, -1):
        frame = machine.stack[outer]
        if frame.library or frame.node is None or frame.class_body or isinstance(frame.node, ast.FunctionDef):
            continue  # a definition stands for whoever calls an entry
        if frame.calls is None:
            frame.calls = _calls_to(machine, outer)
        name = frame.function.name if frame.function is not None else ""
        if machine.stack[position].comprehension and machine.stack[position].function is frame.function:
            return frame.calls
        return (*frame.calls, Site(frame.chunk, frame.node, None, "", (), tuple(frame.loops), name))
    return ()


def labels(machine: Machine) -> Labels:
    """The names by which the program reaches its parameters (`critic.0.weight`) from the variables in view."""
    frame = machine.user_frame()
    if frame is None:
        return Labels({})
    return Labels(frame.locals if frame.locals is frame.scope.names else {**frame.scope.names, **frame.locals})
