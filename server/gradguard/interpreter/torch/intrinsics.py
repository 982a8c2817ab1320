"""The module `_gradguard`, which only the prelude can import: what its models of torch need from the machine itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions
from gradguard.interpreter.copying import deepcopy
from gradguard.interpreter.torch.creation import fresh_geometry
from gradguard.interpreter.torch.functions import apply_function, checkpoint
from gradguard.interpreter.torch.holdings import HOLDINGS
from gradguard.interpreter.torch.updates import UPDATES
from gradguard.interpreter.values import Dtype, Instance, NativeFunction, NativeModule, Unknown, Value
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Native = Callable[["Machine", list[Value], dict[str, Value]], Value]
_NAMES: dict[str, Value] = {}


def intrinsic(name: str) -> Callable[[Native], Native]:
    """Register an intrinsic under its name in `_gradguard`."""

    def register(function: Native) -> Native:
        _NAMES[name] = NativeFunction(name, function)
        return function

    return register


def _argument(args: list[Value], kwargs: dict[str, Value], position: int, name: str, default: Value = None) -> Value:
    return args[position] if len(args) > position else kwargs.get(name, default)


def _shape(value: Value) -> tuple[int | None, ...] | None:
    if isinstance(value, int):
        return (value,)
    if isinstance(value, (tuple, list)):
        return tuple(size if isinstance(size, int) else None for size in value)
    return None


def _dtype(value: Value, default: str = "float32") -> str | None:
    return value.name if isinstance(value, Dtype) else value if isinstance(value, str) else default


@intrinsic("new_tensor")
def _new_tensor(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    geometry = fresh_geometry(_shape(_argument(args, kwargs, 0, "shape")), _dtype(_argument(args, kwargs, 1, "dtype")))
    return machine.tape.tensor(
        machine.site(),
        geometry=geometry,
        requires_grad=_argument(args, kwargs, 2, "requires_grad", False) is True,
        operator="empty",
    )


@intrinsic("initialised")
def _initialised(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    made = _new_tensor(machine, args[:2], {})
    made.counter.version = _argument(args, kwargs, 2, "writes", 1)
    machine.tensors.fills.note(made, kwargs.get("filled"))
    return made


@intrinsic("new_array")
def _new_array(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    dtype = _dtype(_argument(args, kwargs, 1, "dtype"), "float64")
    return machine.tensors.array(fresh_geometry(_shape(_argument(args, kwargs, 0, "shape")), dtype))


@intrinsic("parameter")
def _parameter(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.parameter(args[0], _argument(args, kwargs, 1, "requires_grad", True) is not False)


@intrinsic("operator")
def _operator(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.call(args[0], args[1:], kwargs)


@intrinsic("write_past_counter")
def _write_past(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    target, bypass = args[0], args[1]
    if isinstance(target, Tensor):
        site = machine.site(machine.tensors.write_kind("module"), machine.labels().of(target))
        machine.tape.write_past_counter(target, site, bypass, _argument(args, kwargs, 2, "operator_name", "copy_"))


@intrinsic("alias")
def _alias(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tape.detach(args[0], machine.site(), "alias") if isinstance(args[0], Tensor) else args[0]


@intrinsic("awaited")
def _awaited(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.run_coroutine(args[0])


@intrinsic("numpy_of")
def _numpy_of(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tensors.method(args[0], "numpy", [], {}) if isinstance(args[0], Tensor) else Unknown()


@intrinsic("from_numpy")
def _from_numpy(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.call(machine.torch_natives["torch.from_numpy"], args, {})


@intrinsic("grad_enabled")
def _grad_enabled(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tape.grad_mode


@intrinsic("set_grad_enabled")
def _set_grad_enabled(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    flag = args[0]
    machine.tape.grad_mode = flag if isinstance(flag, bool) else machine.truth_of(flag)


@intrinsic("inference_enabled")
def _inference_enabled(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.tape.inference_mode


@intrinsic("set_inference")
def _set_inference(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.tape.inference_mode = args[0] is True


@intrinsic("autocast")
def _autocast(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    previous, machine.autocast = machine.autocast, args[0] is True
    return previous


@intrinsic("backward")
def _backward(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    roots, gradients, retain, create, inputs = (*args, *[None] * 5)[:5]
    listed = [roots] if isinstance(roots, Tensor) else machine.listed(roots)
    given = [gradients] if isinstance(gradients, Tensor) else machine.listed(gradients) if gradients is not None else []
    wanted = None if inputs is None else [inputs] if isinstance(inputs, Tensor) else machine.listed(inputs)
    creates = create is True
    machine.tensors.backward(
        listed or [], given or [], creates if retain is None else retain is not False, creates, wanted
    )


@intrinsic("grad")
def _grad(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    outputs, inputs, gradients, retain, create, allow_unused = (*args, *[None] * 6)[:6]
    roots = [outputs] if isinstance(outputs, Tensor) else machine.listed(outputs)
    wanted = [inputs] if isinstance(inputs, Tensor) else machine.listed(inputs)
    if not roots or not wanted or not all(isinstance(t, Tensor) for t in (*roots, *wanted)):
        return Unknown() if wanted is None else tuple(Unknown() for _ in wanted)
    creates = create is True
    given = [gradients] if isinstance(gradients, Tensor) else machine.listed(gradients) if gradients is not None else []
    results = machine.tape.grad(
        roots,
        wanted,
        machine.site(),
        gradients=[g if isinstance(g, Tensor) else None for g in given or []],
        retain_graph=creates if retain is None else retain is not False,
        create_graph=creates,
        allow_unused=allow_unused is True,
    )
    machine.report_hazards()
    return tuple(results)


@intrinsic("apply_function")
def _apply_function(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    cls, positional, keywords = (*args, {}, {})[:3]
    return apply_function(machine, cls, list(positional), keywords or {})


@intrinsic("checkpoint")
def _checkpoint(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    function, positional, keywords, reentrant = (*args, (), {}, False)[:4]
    return checkpoint(machine, function, list(positional), keywords or {}, reentrant is True)


@intrinsic("register_hook")
def _register_hook(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    _kind, target, function = args
    return (
        machine.tensors.register_hook(target, function)
        if isinstance(target, Tensor)
        else Instance(machine.object_class)
    )


@intrinsic("set_data")
def _set_data(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.set_attribute(args[0], "data", args[1])


@intrinsic("deepcopy")
def _deepcopy(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return deepcopy(machine, args[0])


@intrinsic("shallow_copy")
def _shallow_copy(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    if not isinstance(value, Instance):
        return value
    made = Instance(value.cls, value.payload)
    made.attributes.update(value.attributes)
    return made


@intrinsic("math")
def _math(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name, *numbers = args
    if not all(isinstance(number, (int, float)) for number in numbers):
        return Unknown()
    try:
        return getattr(math, name)(*numbers)
    except (ValueError, OverflowError, TypeError, ZeroDivisionError):
        return Unknown()


@intrinsic("unknown")
def _unknown(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return Unknown()


@intrinsic("is_unknown")
def _is_unknown(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return isinstance(args[0], Unknown)


@intrinsic("per_dimension")
def _per_dimension(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A size given once for all `count` dimensions, or once for each."""
    value, count = args
    if isinstance(value, (list, tuple)):
        return tuple(value)
    if isinstance(value, Instance) and isinstance(value.payload, (list, tuple)):
        return tuple(value.payload)
    return (value,) * count


@intrinsic("sure")
def _sure(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    value = args[0]
    return not isinstance(value, Unknown) and not machine.is_tensor(value) and machine.truth_of(value)


@intrinsic("is_tensor")
def _is_tensor(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return isinstance(args[0], Tensor)


@intrinsic("forget")
def _forget(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.forget(args)


@intrinsic("saved_tensors_hooks")
def _saved_tensors_hooks(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if args[0] is True:
        machine.tape.saved_hooks.append(lambda saved: None)
    elif machine.tape.saved_hooks:
        machine.tape.saved_hooks.pop()


@intrinsic("raise_")
def _raise(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    raise exceptions.raised(machine, "RuntimeError", args[0] if args else "")


def module() -> NativeModule:
    """The module itself."""
    return NativeModule("_gradguard", {**_NAMES, **HOLDINGS, **UPDATES})
