"""Intrinsics about what a `torch.nn.Module` holds: its attributes are its parameters, buffers and modules, and so on below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.builtins import registering
from gradguard.interpreter.iteration import UNKNOWN_ROUNDS
from gradguard.interpreter.torch.natives import BUFFER, PARAMETER
from gradguard.interpreter.values import ClassValue, Instance, NativeFunction, Unknown, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

HOLDINGS: dict[str, NativeFunction] = {}
intrinsic = registering(HOLDINGS)

Pairs = list[tuple[Value, Value]]


@intrinsic("own_parameters")
def _own_parameters(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Pairs:
    return [
        (name, value)
        for name, value in _attributes(args[0])
        if isinstance(value, Tensor) and machine.tensors.class_of(value).has_base(PARAMETER)
    ]


@intrinsic("own_buffers")
def _own_buffers(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Pairs:
    named = machine.get_attribute(args[0], "_buffer_names")
    registered = named if isinstance(named, dict) else {}
    return [
        (name, value)
        for name, value in _attributes(args[0])
        if isinstance(value, Tensor) and (name in registered or machine.tensors.class_of(value).has_base(BUFFER))
    ]


@intrinsic("own_modules")
def _own_modules(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Pairs:
    holder, module_class = args
    return [(name, value) for name, value in _attributes(holder) if _is_a(value, module_class)]


@intrinsic("own_layers")
def _own_layers(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Pairs:
    """The modules of a container, and in their places those that nothing is known about, of the names given."""
    holder, module_class, unknown_names = args
    return [
        (name, value)
        for name, value in _attributes(holder)
        if (name in unknown_names if isinstance(value, Unknown) else _is_a(value, module_class))
    ]


@intrinsic("named_modules")
def _named_modules(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Pairs:
    root, module_class, prefix = args
    return _walk(root, module_class, prefix)


@intrinsic("named_tensors")
def _named_tensors(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Pairs:
    """The tensors that `own` gives for a module and those below it, each once and by its path; of what is unknown, unknown ones."""
    root, module_class, prefix, recurse, own = args
    parts = _parts(machine, root, module_class, prefix) if machine.truth_of(recurse) else [(prefix, root)]
    found: dict[Value, Value] = {}
    for part in _rounds(machine, parts):
        path, module = part if isinstance(part, tuple) and len(part) == 2 else (Unknown(), Unknown())
        if not isinstance(module, Instance):
            found[Unknown()] = Unknown()
            continue
        for name, tensor in machine.call(own, [module], {}):
            if tensor not in found:
                found[tensor] = _joined(path, name)
    return [(path, tensor) for tensor, path in found.items()]


@intrinsic("second_of_each")
def _second_of_each(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return [pair[1] if isinstance(pair, tuple) and len(pair) == 2 else Unknown() for pair in _rounds(machine, args[0])]


def _parts(machine: Machine, root: Value, module_class: ClassValue, prefix: Value) -> Value:
    """What `root.named_modules(prefix=prefix)` gives, which a program may override."""
    name = "named_modules"
    if (
        isinstance(root, Instance)
        and root.cls.lookup(name) is module_class.lookup(name)
        and name not in root.attributes
    ):
        return _walk(root, module_class, prefix)
    return machine.call(machine.get_attribute(root, name), [], {"prefix": prefix})


def _walk(root: Instance, module_class: ClassValue, prefix: Value) -> Pairs:
    """`root` and all modules below it with their paths, each once, in torch's order."""
    found: dict[Instance, Value] = {}

    def collect(module: Instance, path: Value) -> None:
        found[module] = path
        for name, child in _attributes(module):
            if _is_a(child, module_class) and child not in found:
                collect(child, _joined(path, name))

    collect(root, prefix)
    return [(path, module) for module, path in found.items()]


def _attributes(holder: Value) -> Pairs:
    return list(holder.attributes.items()) if isinstance(holder, Instance) else []


def _is_a(value: Value, cls: ClassValue) -> bool:
    return isinstance(value, Instance) and value.cls.has_base(cls)


def _joined(path: Value, name: Value) -> Value:
    """`path.name`, as modules are named below others."""
    if not path:
        return name
    return f"{path}.{name}" if isinstance(path, str) and isinstance(name, str) else Unknown()


def _rounds(machine: Machine, pairs: Value) -> list[Value]:
    """The items that a loop over `pairs` sees."""
    items = machine.listed(pairs)
    return [Unknown() for _ in range(UNKNOWN_ROUNDS)] if items is None else items
