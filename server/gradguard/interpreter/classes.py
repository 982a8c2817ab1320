"""`class` statements: bases, the body's names, and what the program inherits without saying so."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.calls import decorate
from gradguard.interpreter.frames import Frame
from gradguard.interpreter.values import ClassValue, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

MODULE_METHODS = ("forward", "training_step")
"""A class with one of these and a base that is out of view is taken for a torch module (as Lightning's are)."""


def define_class(machine: Machine, node: ast.ClassDef, frame: Frame) -> Value:
    """Run a class body and return the class it makes, passed through its decorators."""
    bases: list[ClassValue] = []
    unknown_base = False
    for expression in node.bases:
        base = machine.evaluate(expression.value if isinstance(expression, ast.Subscript) else expression, frame)
        if isinstance(base, ClassValue):
            bases.append(base)
        else:
            unknown_base = True
    cls = ClassValue(node.name, (), {}, scope=frame.scope, chunk=frame.chunk)
    body = Frame(frame.scope, frame.chunk, frame if frame.function is not None or frame.owner is not None else None)
    body.owner = cls
    body.loops = frame.loops
    machine.stack.append(body)
    try:
        machine.run(node.body, body)
    finally:
        machine.stack.pop()
    if unknown_base and any(name in body.locals for name in MODULE_METHODS):
        module = machine.torch_class("torch.nn", "Module")
        if module is not None and not any(cls.has_base(module) for cls in bases):
            bases.append(module)
    if not bases:
        bases.append(machine.object_class)
    # The methods were made with `cls` as their owner, so it is completed in place rather than made anew.
    ClassValue.__init__(
        cls, node.name, tuple(bases), body.locals, scope=frame.scope, chunk=frame.chunk, open_=unknown_base
    )
    cls.attributes.setdefault("__name__", node.name)
    for parent in bases:
        hook = parent.lookup("__init_subclass__")
        if hook is not None:
            keywords = {
                k.arg: machine.evaluate(k.value, frame) for k in node.keywords if k.arg not in (None, "metaclass")
            }
            machine.call(machine.unwrapped(hook), [cls], keywords)
            break
    value: Value = cls
    for decorator in reversed(node.decorator_list):
        frame.node = decorator
        value = decorate(machine, machine.evaluate(decorator, frame), value)
    return cls if isinstance(value, Unknown) else value
