"""Making instances, and asking what something is an instance of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.attributes import bind_descriptor
from gradguard.interpreter.builtin_types import host_type_name
from gradguard.interpreter.shared import SHARED
from gradguard.interpreter.values import (
    BoundMethod,
    ClassValue,
    FunctionValue,
    Instance,
    NativeFunction,
    StaticMethod,
    Unknown,
    Value,
)
from gradguard.interpreter.workshop import workshop

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


LAYERS = "torch.nn.modules."
"""The prelude's modules whose classes only make parameters and keep their arguments."""


def instantiate(machine: Machine, cls: ClassValue, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`cls(*args, **kwargs)`."""
    if cls.native is not None:
        return cls.native(machine, args, kwargs)
    if cls.scope is not None and cls.scope.library and cls.scope.dotted.startswith(LAYERS):
        return _layer(machine, cls, args, kwargs)
    return _made(machine, cls, args, kwargs)


def _layer(machine: Machine, cls: ClassValue, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A layer of torch: where its arguments are plain it is a copy of one made before, which is much less work."""
    key = _plain_key(cls, args, kwargs)
    if key is None:
        return _made(machine, cls, args, kwargs)
    return workshop(machine.catalog).copy(machine, key, lambda machine: _made(machine, cls, args, kwargs))


def _plain_key(cls: ClassValue, args: list[Value], kwargs: dict[str, Value]) -> object | None:
    values = (*args, *kwargs.values())
    if not all(isinstance(value, (int, float, str, type(None))) for value in values):
        return None
    # 1 and True are equal, but not as arguments.
    return (cls, tuple((type(value), value) for value in values), tuple(kwargs))


def _made(machine: Machine, cls: ClassValue, args: list[Value], kwargs: dict[str, Value]) -> Value:
    maker = cls.lookup("__new__")
    if isinstance(maker, (FunctionValue, StaticMethod)):
        instance = machine.call(machine.unwrapped(maker), [cls, *args], kwargs)
        if not isinstance(instance, Instance) or not instance.cls.has_base(cls):
            return instance
    else:
        instance = Instance(cls)
        native = cls.native_base()
        if native is not None and native.native is not None:
            own_init = any("__init__" in base.attributes for base in cls.mro[: cls.mro.index(native)])
            instance.payload = native.native(machine, [] if own_init else args, {} if own_init else kwargs)
            if own_init is False:
                return instance
    initialiser = cls.lookup("__init__")
    if initialiser is not None:
        machine.call(bind_descriptor(machine, initialiser, instance, cls), args, kwargs)
    elif "BaseException" in {base.name for base in cls.mro}:
        instance.attributes["args"] = tuple(args)
    return instance


def bare_instance(machine: Machine, args: list[Value]) -> Value:
    """`cls.__new__(cls, *rest)` as `object` and the native classes have it: no initialiser is run."""
    cls = args[0] if args else None
    if not isinstance(cls, ClassValue):
        return Unknown()
    native = cls.native_base()
    if native is SHARED.classes["type"]:
        return native.native(machine, args[1:], {}) if native.native is not None else Unknown()
    instance = Instance(cls)
    if native is not None and native.native is not None:
        instance.payload = native.native(machine, args[1:], {})
    return instance


def type_of(machine: Machine, value: Value) -> Value:
    """The class of a value."""
    if isinstance(value, Instance):
        return value.cls
    if machine.is_tensor(value):
        return machine.tensors.class_of(value)
    name = host_type_name(value)
    if name is not None and name in SHARED.classes:
        return SHARED.classes[name]
    if isinstance(value, ClassValue):
        return value.metaclass or SHARED.classes["type"]
    return Unknown()


def is_instance(machine: Machine, value: Value, wanted: Value) -> Value:
    """`isinstance(value, wanted)`; an Unknown where that cannot be told."""
    if isinstance(wanted, tuple):
        results = [is_instance(machine, value, cls) for cls in wanted]
        if any(result is True for result in results):
            return True
        return next((result for result in results if result is not False), False)
    if isinstance(value, Unknown):
        name = wanted.name if isinstance(wanted, ClassValue) else None
        return Unknown(("isinstance", value.key, name) if value.key is not None and name else None, default=False)
    if not isinstance(wanted, ClassValue):
        return Unknown(default=False)
    if isinstance(value, Instance):
        if value.cls.has_base(wanted):
            return True
        return Unknown(default=False) if value.cls.open else False
    if machine.is_tensor(value):
        return machine.tensors.class_of(value).has_base(wanted)
    if isinstance(value, ClassValue) and (wanted.name == "type" or wanted is value.metaclass):
        return True
    name = host_type_name(value)
    if name is None:
        return wanted.name == "object" or (
            isinstance(value, (FunctionValue, BoundMethod, NativeFunction))
            and wanted.name in ("Callable", "FunctionType")
        )
    if wanted.name in ("object", name) or (name == "bool" and wanted.name == "int"):
        return True
    return wanted.name in _ABSTRACT.get(name, ())


# collections.abc and numbers, by the names under which programs test for them.
_ABSTRACT = {
    "list": ("Sequence", "MutableSequence", "Iterable", "Collection", "Sized", "List"),
    "tuple": ("Sequence", "Iterable", "Collection", "Sized", "Tuple", "Size"),
    "str": ("Sequence", "Iterable", "Collection", "Sized"),
    "dict": ("Mapping", "MutableMapping", "Iterable", "Collection", "Sized", "Dict"),
    "set": ("frozenset", "Set", "Iterable", "Collection", "Sized"),
    "int": ("Number", "Integral", "Real"),
    "float": ("Number", "Real"),
    "bool": ("Number", "Integral", "Real"),
    "deque": ("Sequence", "Iterable", "Collection", "Sized"),
}
