"""Attributes: looked up on instances, classes, modules and native values, and bound as Python's descriptors do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions
from gradguard.interpreter.natives import native_attribute
from gradguard.interpreter.values import (
    BoundMethod,
    ClassMethod,
    ClassValue,
    FunctionValue,
    Instance,
    ModuleValue,
    NativeFunction,
    NativeModule,
    OperatorFunction,
    Property,
    Raised,
    StaticMethod,
    SuperValue,
    Unknown,
    Value,
)
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

ABSENT = object()


def get_attribute(machine: Machine, receiver: Value, name: str) -> Value:
    """`receiver.name`; unknown where it cannot be told, AttributeError only where the program handles it."""
    value = find_attribute(machine, receiver, name)
    if value is not ABSENT:
        return value
    if machine.handles_exceptions and isinstance(receiver, Instance) and not receiver.cls.open:
        raise exceptions.raised(machine, "AttributeError", name)
    if isinstance(receiver, Instance):
        return Unknown(("attribute", name))
    machine.note(f"a value of type {type(receiver).__name__} has no attribute {name}")
    return Unknown()


def find_attribute(machine: Machine, receiver: Value, name: str) -> Value:
    """As `get_attribute`, but ABSENT where there is none."""
    kind = type(receiver)
    if kind is Instance:
        return _instance_attribute(machine, receiver, name)
    if kind is Tensor:
        return machine.tensors.attribute(receiver, name)
    if kind is ModuleValue:
        value = machine.module_attribute(receiver, name)
        return Unknown(("module", receiver.dotted, name)) if value is None else value
    if kind is NativeModule:
        value = receiver.names.get(name)
        return Unknown() if value is None else value
    if kind is Unknown:
        return receiver.part("attribute", name)
    if kind is ClassValue:
        return _class_attribute(machine, receiver, name)
    if kind is SuperValue:
        return _super_attribute(machine, receiver, name)
    return _other_attribute(machine, receiver, name)


def _instance_attribute(machine: Machine, receiver: Instance, name: str) -> Value:
    cls = receiver.cls
    found = cls.lookup(name, ABSENT)
    if type(found) is Property:
        return machine.call(found.getter, [receiver], {})
    if name in receiver.attributes and not _is_data_descriptor(found):
        return receiver.attributes[name]
    if type(found) is FunctionValue:
        return BoundMethod(found, receiver)
    if found is not ABSENT:
        return bind_descriptor(machine, found, receiver, cls)
    if name == "__dict__":
        return receiver.attributes
    if name == "__class__":
        return cls
    if receiver.payload is not None:
        native = native_attribute(machine, receiver.payload, name)
        if native is not None:
            return native
    hook = cls.lookup("__getattr__")
    if hook is not None and not name.startswith("__"):
        try:
            return machine.call(hook, [receiver, name], {})
        except Raised as raised:
            if raised.name != "AttributeError":
                raise
    if cls.open:
        return Unknown(("open", cls.name, name))
    return ABSENT


def _is_data_descriptor(found: Value) -> bool:
    """Whether a class attribute comes before the instance's own of that name."""
    return isinstance(found, Instance) and found.cls.lookup("__set__") is not None


def bind_descriptor(machine: Machine, found: Value, receiver: Value, cls: ClassValue) -> Value:
    """What a class attribute gives when it is read through an instance."""
    if isinstance(found, (FunctionValue, NativeFunction, OperatorFunction)):
        return BoundMethod(found, receiver)
    if isinstance(found, StaticMethod):
        return found.function
    if isinstance(found, ClassMethod):
        return BoundMethod(found.function, cls)
    if isinstance(found, Property):
        return machine.call(found.getter, [receiver], {})
    if isinstance(found, Instance):
        getter = found.cls.lookup("__get__")
        if getter is not None:
            return machine.call(getter, [found, receiver, cls], {})
    return found


def special_method(machine: Machine, receiver: Value, name: str) -> Value | None:
    """A special method, looked up on the class (of a class: its metaclass) as Python does; None if there is none."""
    if isinstance(receiver, Instance):
        cls = receiver.cls
    elif isinstance(receiver, ClassValue) and receiver.metaclass is not None:
        cls = receiver.metaclass
    else:
        return None
    found = cls.lookup(name)
    return None if found is None else bind_descriptor(machine, found, receiver, cls)


def _class_attribute(machine: Machine, receiver: ClassValue, name: str) -> Value:
    if name in ("__name__", "__qualname__"):
        return receiver.name
    if name == "__dict__":
        return receiver.attributes
    if name == "__mro__":
        return receiver.mro
    if name == "__bases__":
        return receiver.bases
    found = receiver.lookup(name, ABSENT)
    if found is ABSENT and receiver.metaclass is not None:
        found = receiver.metaclass.lookup(name, ABSENT)
        if found is not ABSENT:
            return bind_descriptor(machine, found, receiver, receiver.metaclass)
    if found is ABSENT:
        native = receiver.native_base()
        if native is not None:
            return machine.native_method(native, name)
        if receiver is machine.object_class:
            return _method_of_object(machine, name)
        return Unknown(("open", receiver.name, name)) if receiver.open else ABSENT
    if isinstance(found, StaticMethod):
        return found.function
    if isinstance(found, ClassMethod):
        return BoundMethod(found.function, receiver)
    return found


def _method_of_object(machine: Machine, name: str) -> Value:
    """`object.__setattr__` and its like, which take the object as their first argument."""
    if name == "__new__":
        return machine.object_method(name, None)
    return NativeFunction(
        name, lambda machine, args, kwargs: machine.call(machine.object_method(name, args[0]), args[1:], kwargs)
    )


def _super_attribute(machine: Machine, receiver: SuperValue, name: str) -> Value:
    target = receiver.receiver
    cls = target if isinstance(target, ClassValue) else machine.type_of(target)
    if not isinstance(cls, ClassValue):
        return Unknown()
    if receiver.after not in cls.mro and isinstance(target, ClassValue) and target.metaclass is not None:
        cls = target.metaclass  # a method of the metaclass, whose `self` is the class
    mro = cls.mro
    behind = mro[mro.index(receiver.after) + 1 :] if receiver.after in mro else ()
    for base in behind:
        if name in base.attributes:
            found = base.attributes[name]
            if isinstance(target, ClassValue) and isinstance(found, (FunctionValue, NativeFunction)):
                return found if name == "__new__" else BoundMethod(found, target)
            return bind_descriptor(machine, found, target, cls)
    if isinstance(target, Instance) and target.payload is not None:
        native = native_attribute(machine, target.payload, name)
        if native is not None:
            return native
    return machine.object_method(name, target)


def _other_attribute(machine: Machine, receiver: Value, name: str) -> Value:
    if isinstance(receiver, FunctionValue):
        if name in receiver.attributes:
            return receiver.attributes[name]
        if name in ("__name__", "__qualname__"):
            return receiver.name
        return Unknown()
    if isinstance(receiver, BoundMethod):
        if name == "__self__":
            return receiver.receiver
        if name == "__func__":
            return receiver.function
        return get_attribute(machine, receiver.function, name)
    if isinstance(receiver, Property) and name in ("setter", "getter", "deleter"):
        return NativeFunction(name, lambda machine, args, kwargs: _with_accessor(receiver, name, args[0]))
    native = native_attribute(machine, receiver, name)
    if native is not None:
        return native
    return Unknown() if isinstance(receiver, (NativeFunction, OperatorFunction)) else ABSENT


def _with_accessor(old: Property, which: str, function: Value) -> Property:
    return Property(
        function if which == "getter" else old.getter,
        function if which == "setter" else old.setter,
        function if which == "deleter" else old.deleter,
    )


def set_attribute(machine: Machine, receiver: Value, name: str, value: Value) -> None:
    """`receiver.name = value`."""
    if machine.is_tensor(receiver):
        machine.tensors.set_attribute(receiver, name, value)
        return
    if isinstance(receiver, Instance):
        found = receiver.cls.lookup(name)
        if isinstance(found, Property):
            if found.setter is not None:
                machine.call(found.setter, [receiver, value], {})
            return
        if isinstance(found, Instance) and (setter := machine.method(found, "__set__")) is not None:
            machine.call(setter, [receiver, value], {})
            return
        hook = receiver.cls.lookup("__setattr__")
        if hook is not None:
            machine.call(hook, [receiver, name, value], {})
            return
        receiver.attributes[name] = value
    elif isinstance(receiver, ClassValue):
        # The prelude's classes are shared by all analyses: a patched one would leak into other files.
        if receiver.scope is not None and not receiver.scope.library:
            receiver.attributes[name] = value
    elif isinstance(receiver, FunctionValue):
        receiver.attributes[name] = value
    elif isinstance(receiver, BoundMethod):
        set_attribute(machine, receiver.function, name, value)
    elif isinstance(receiver, ModuleValue) and receiver.scope is not None and not receiver.scope.library:
        receiver.scope.names[name] = value


def delete_attribute(machine: Machine, receiver: Value, name: str) -> None:
    """`del receiver.name`."""
    if isinstance(receiver, Instance):
        hook = receiver.cls.lookup("__delattr__")
        if hook is not None:
            machine.call(hook, [receiver, name], {})
            return
        receiver.attributes.pop(name, None)
    elif machine.is_tensor(receiver):
        machine.tensors.set_attribute(receiver, name, None)
