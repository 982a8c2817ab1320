"""Custom `autograd.Function`s and activation checkpoints: user code that runs again, or only, in backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gradguard.interpreter.torch.creation import fresh_geometry
from gradguard.interpreter.values import (
    BoundMethod,
    ClassValue,
    FunctionValue,
    Instance,
    NativeFunction,
    Property,
    Unknown,
    Value,
)
from gradguard.tape.functions import FunctionCall
from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


class Context:
    """What one `ctx` holds. `reading`: its Function's backward is running, so reads count."""

    __slots__ = ("attributes", "call", "dirty", "non_differentiable", "reading", "saved")

    def __init__(self) -> None:
        self.saved: list[Value] = []
        self.dirty: list[Tensor] = []
        self.non_differentiable: list[Tensor] = []
        self.attributes: dict[str, Value] = {}
        self.call: FunctionCall | None = None
        self.reading = False


def _state(ctx: Value) -> Context:
    state: Context = ctx.payload
    return state


def _save(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    _state(args[0]).saved = list(args[1:])


def _mark_dirty(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    _state(args[0]).dirty = [a for a in args[1:] if isinstance(a, Tensor)]


def _mark_non_differentiable(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    _state(args[0]).non_differentiable = [a for a in args[1:] if isinstance(a, Tensor)]


def _saved_tensors(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    state = _state(args[0])
    if state.reading and state.call is not None:
        machine.tape.read_saved(state.call)
        machine.report_hazards()
    return tuple(state.saved)


def _needs_input_grad(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    call = _state(args[0]).call
    return Unknown() if call is None else tuple(True for _ in range(64))


def _get(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    state, name = _state(args[0]), args[1]
    if name not in state.attributes:
        return Unknown()
    value = state.attributes[name]
    if state.reading and state.call is not None:
        for tensor in _tensors_in(value):
            machine.tape.read_kept(state.call, tensor)
        machine.report_hazards()
    return value


def _set(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    _state(args[0]).attributes[args[1]] = args[2]


def _tensors_in(value: Value) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in _tensors_in(part)]
    return []


CONTEXT = ClassValue(
    "FunctionCtx",
    (),
    {
        "save_for_backward": NativeFunction("save_for_backward", _save),
        "mark_dirty": NativeFunction("mark_dirty", _mark_dirty),
        "mark_non_differentiable": NativeFunction("mark_non_differentiable", _mark_non_differentiable),
        "set_materialize_grads": NativeFunction("set_materialize_grads", lambda machine, args, kwargs: None),
        "saved_tensors": Property(NativeFunction("saved_tensors", _saved_tensors)),
        "needs_input_grad": Property(NativeFunction("needs_input_grad", _needs_input_grad)),
        "__getattr__": NativeFunction("__getattr__", _get),
        "__setattr__": NativeFunction("__setattr__", _set),
    },
)


def _function_of(machine: Machine, cls: ClassValue, name: str) -> Value | None:
    found = cls.lookup(name)
    found = machine.unwrapped(found)
    return found if isinstance(found, (FunctionValue, BoundMethod)) else None


def apply_function(machine: Machine, cls: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`Function.apply(*args)`: forward with grad mode off, then a node that runs the user's backward."""
    if not isinstance(cls, ClassValue):
        return Unknown()
    forward = _function_of(machine, cls, "forward")
    setup = _function_of(machine, cls, "setup_context")
    if forward is None:
        return Unknown()
    inputs = [a for a in args if isinstance(a, Tensor)]
    ctx = Instance(CONTEXT, Context())
    state = _state(ctx)
    call = machine.tape.enter_function(cls.name, inputs, machine.site("function"))
    state.call = call
    if setup is None:
        output = machine.call(forward, [ctx, *args], kwargs)
    else:
        output = machine.call(forward, list(args), kwargs)
        machine.call(setup, [ctx, tuple(args), output], {})
    outputs = list(output) if isinstance(output, (tuple, list)) else [output]
    backward = _function_of(machine, cls, "backward")

    def run_backward(gradients: list[Tensor | None]) -> Sequence[Tensor | None] | None:
        if backward is None:
            return None
        given = [Unknown() if g is None else g for g in gradients]
        state.reading = True
        outer, machine.tape.grad_mode = machine.tape.grad_mode, False
        try:
            result = machine.call(backward, [ctx, *given], {})
        finally:
            state.reading = False
            machine.tape.grad_mode = outer
        returned = list(result) if isinstance(result, (tuple, list)) else [result]
        if len(returned) < len(args) or any(isinstance(r, Unknown) for r in returned):
            return None
        return [r for r, a in zip(returned, args, strict=False) if isinstance(a, Tensor)]

    made = machine.tape.leave_function(
        call,
        outputs,
        backward=run_backward,
        saved=[t for t in state.saved if isinstance(t, Tensor)],
        dirty=state.dirty,
        non_differentiable=state.non_differentiable,
        kept=[t for value in state.attributes.values() for t in _tensors_in(value)],
    )
    machine.report_hazards()
    return tuple(made) if isinstance(output, (tuple, list)) else made[0]


def checkpoint(
    machine: Machine, function: Value, args: list[Value], kwargs: dict[str, Value], reentrant: bool
) -> Value:
    """`torch.utils.checkpoint.checkpoint`: the function runs again when backward comes by."""
    if not reentrant:
        machine.tape.saved_hooks.append(_arguments_only(machine, args))
        try:
            return machine.call(function, args, kwargs)
        finally:
            machine.tape.saved_hooks.pop()
    inputs = [a for a in args if isinstance(a, Tensor)]
    call = machine.tape.enter_function("CheckpointFunction", inputs, machine.site("function"))
    output = machine.call(function, args, kwargs)
    outputs = list(output) if isinstance(output, (tuple, list)) else [output]

    def recompute(gradients: list[Tensor | None]) -> Sequence[Tensor | None] | None:
        machine.tape.read_saved(call)
        again = [_detached(machine, a) if isinstance(a, Tensor) else a for a in args]
        outer, machine.tape.grad_mode = machine.tape.grad_mode, True
        try:
            result = machine.call(function, again, kwargs)
            roots = [t for t in _tensors_in(result) if t.requires_grad]
            if roots:
                machine.tape.backward(roots, machine.site(), gradients=roots)
        finally:
            machine.tape.grad_mode = outer
        machine.report_hazards()
        return None

    made = machine.tape.leave_function(call, outputs, backward=recompute, saved=inputs)
    machine.report_hazards()
    return tuple(made) if isinstance(output, (tuple, list)) else made[0]


def _arguments_only(machine: Machine, args: list[Value]) -> Callable[[object], None]:
    """How a tensor saved inside is unpacked: it is computed again, from the arguments, which are what was saved and is checked."""
    inputs = [a for a in args if isinstance(a, Tensor)]
    always = machine.tape.tensor(machine.site(), geometry=fresh_geometry((0,), "float32"), requires_grad=True)
    call = machine.tape.enter_function("_NoopSaveInputs", [always, *inputs], machine.site("function"))
    unused = machine.tape.tensor(machine.site(), geometry=fresh_geometry((0,), "float32"))
    machine.tape.leave_function(call, [unused], saved=inputs)

    def unpack(saved: object) -> None:
        machine.tape.read_saved(call)

    return unpack


def _detached(machine: Machine, tensor: Tensor) -> Tensor:
    copy = machine.tape.detach(tensor, machine.site())
    if tensor.requires_grad:
        machine.tape.requires_grad_(copy, True, machine.site())
    return copy
