"""`class` statements: bases, the body's names, and what the program inherits without saying so."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.calls import decorate
from gradguard.interpreter.frames import Frame
from gradguard.interpreter.values import CLASS_CELL, ClassValue, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def _make_by(machine: Machine, metaclass: ClassValue, cls: ClassValue, keywords: dict[str, Value]) -> None:
    """Let `metaclass` make `cls`, whose body has run: its `__new__` and `__init__` see the names, and may add some."""
    cls.metaclass = metaclass
    names = {**cls.attributes, CLASS_CELL: cls}
    for step, receiver in (("__new__", metaclass), ("__init__", cls)):
        maker = metaclass.lookup(step)
        if maker is not None:
            machine.call(machine.unwrapped(maker), [receiver, cls.name, cls.bases, names], keywords)


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
    for name, attribute in list(cls.attributes.items()):
        named = machine.method(attribute, "__set_name__")
        if named is not None:
            machine.call(named, [cls, name], {})
    keywords = {
        keyword.arg: machine.evaluate(keyword.value, frame) for keyword in node.keywords if keyword.arg is not None
    }
    metaclass = keywords.pop("metaclass", cls.metaclass)
    if isinstance(metaclass, ClassValue):
        _make_by(machine, metaclass, cls, keywords)
    for parent in bases:
        hook = parent.lookup("__init_subclass__")
        if hook is not None:
            machine.call(machine.unwrapped(hook), [cls], keywords)
            break
    value: Value = cls
    for decorator in reversed(node.decorator_list):
        frame.node = decorator
        value = decorate(machine, machine.evaluate(decorator, frame), value)
    return cls if isinstance(value, Unknown) else value
