"""Operators, methods and attributes of tensors: binds a call to the catalog's operator and drives the tape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gradguard.interpreter.sites import Site, WriteKind
from gradguard.interpreter.torch import attributes as tensor_attributes
from gradguard.interpreter.torch import subscripts
from gradguard.interpreter.torch.arguments import geometry_of, kind_of
from gradguard.interpreter.torch.autocast import lowered
from gradguard.interpreter.torch.conversions import CONVERSIONS
from gradguard.interpreter.torch.fills import Fills
from gradguard.interpreter.torch.methods import METHODS
from gradguard.interpreter.torch.natives import ARRAY, PARAMETER, TENSOR
from gradguard.interpreter.values import BoundMethod, ClassValue, Instance, NativeFunction, Unknown, Value
from gradguard.interpreter.whereabouts import written_inside
from gradguard.tape.recording import tensors_in
from gradguard.tape.tensor import Tensor
from gradguard.torchfacts.binding import bind
from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY, Geometry
from gradguard.torchfacts.operator import Argument, Operator
from gradguard.torchfacts.shapes import infer, is_view

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

_IGNORED_KEYWORDS = (
    "device",
    "requires_grad",
    "pin_memory",
    "generator",
    "layout",
    "memory_format",
    "non_blocking",
    "names",
)
_MODELS = {**METHODS, **CONVERSIONS}
_methods: dict[str, NativeFunction] = {}


class Tensors:
    """The tensors of one run: their classes and attributes, and every operation on them."""

    get_item = subscripts.get_item
    set_item = subscripts.set_item

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.classes: dict[Tensor, ClassValue] = {}
        self.extras: dict[Tensor, dict[str, Value]] = {}
        self.fills = Fills()

    # --- identity ---------------------------------------------------------------------------------------------------

    def class_of(self, tensor: Tensor) -> ClassValue:
        return self.classes.get(tensor, TENSOR)

    def is_array(self, tensor: Tensor) -> bool:
        """Whether it stands for a numpy array."""
        return self.classes.get(tensor) is ARRAY

    def parameter(self, data: Value, requires_grad: bool) -> Value:
        """`nn.Parameter(data, requires_grad)`."""
        machine = self.machine
        source = data if isinstance(data, Tensor) else None
        if source is None:
            source = machine.tape.tensor(
                machine.site(), geometry=Geometry(None, None, 0, "float32"), operator="Parameter"
            )
        made = machine.tape.parameter(machine.site(), source, requires_grad=requires_grad)
        self.classes[made] = PARAMETER
        return made

    def array(self, geometry: Geometry) -> Tensor:
        """A new numpy array."""
        made = self.machine.tape.tensor(self.machine.site(), geometry=geometry, operator="array")
        self.classes[made] = ARRAY
        return made

    # --- operators --------------------------------------------------------------------------------------------------

    def binary(self, name: str, left: Value, right: Value) -> Value:
        """`left op right`, one of them a tensor."""
        if isinstance(left, Tensor):
            return self._operator(f"Tensor.__{name}__", [left, self._operand(right)], {})
        return self._operator(f"Tensor.__r{name}__", [right, self._operand(left)], {})

    def compare(self, name: str, left: Value, right: Value) -> Value:
        if isinstance(left, Tensor):
            return self._operator(f"Tensor.__{name}__", [left, self._operand(right)], {})
        mirrored = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}.get(name, name)
        return self._operator(f"Tensor.__{mirrored}__", [right, self._operand(left)], {})

    def in_place(self, name: str, left: Tensor, right: Value) -> Value:
        """`left op= right`: torch writes in place, except for `@=`."""
        public = f"Tensor.__i{name}__"
        if not self.machine.catalog.candidates(public):
            return self.binary(name, left, right)
        return self._operator(public, [left, self._operand(right)], {}, "augmented")

    def _operand(self, value: Value) -> Value:
        if isinstance(value, (list, tuple)) and not all(isinstance(v, (int, float)) for v in value):
            return Unknown()
        return Unknown() if isinstance(value, Instance) else value

    def call(self, public: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """A torch function by its public name."""
        return self._operator(public, args, kwargs, "function")

    def method(self, tensor: Value, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """`tensor.name(*args, **kwargs)`."""
        special = _MODELS.get(name)
        if special is not None and isinstance(tensor, Tensor):
            return special(self.machine, tensor, args, kwargs)
        return self._operator(f"Tensor.{name}", [tensor, *args], kwargs, "method")

    def _operator(self, public: str, args: list[Value], kwargs: dict[str, Value], kind: WriteKind = "other") -> Value:
        machine = self.machine
        machine.operations += 1
        candidates = machine.catalog.candidates(public)
        wants_grad = kwargs.get("requires_grad") is True
        if kwargs:
            kwargs = {k: v for k, v in kwargs.items() if k not in _IGNORED_KEYWORDS}
        if kwargs.get("out", 0) is None:
            del kwargs["out"]
        bound = bind(candidates, args, kwargs, kind_of) if candidates else None
        if bound is None or bound.uncertain:
            return self._unmodelled(public, args, kwargs, None if bound is None else bound.operator)
        if self.is_numpy(args):
            return self._on_arrays(bound.operator, bound.arguments)
        results = self.apply(bound.operator, bound.arguments, public, kind)
        if wants_grad and isinstance(results, Tensor):
            machine.tape.requires_grad_(results, True, machine.site())
        return results

    def apply(self, operator: Operator, arguments: dict[str, Value], public: str, kind: WriteKind = "other") -> Value:
        """Run one operator on the tape and return its result as Python gives it."""
        machine = self.machine
        if machine.autocast:
            arguments = lowered(machine, operator, arguments)
        geometries = self.inferred(operator.name if not public.startswith("torch.nn.functional") else public, arguments)
        as_view: bool | None = None
        if operator.view == "maybe":
            as_view = self._is_view(operator, arguments, geometries)
        site = self._write_site(operator, arguments, kind) if operator.writes else machine.site()
        results = machine.tape.apply(operator, arguments, site, results=geometries, as_view=as_view)
        machine.report_hazards()
        self.fills.follow(operator, arguments, results)
        if operator.returns_list:
            return tuple(results)
        if operator.results == 1:
            return results[0] if results else None
        if not results and not operator.writes:
            return self._number(operator, arguments)
        return tuple(results) if results else None

    def _write_site(self, operator: Operator, arguments: dict[str, Value], kind: WriteKind) -> Site | None:
        kind, written = self.write_kind(kind), arguments.get(operator.writes[0])
        if kind != "inplace_flag" or not isinstance(written, Tensor):
            return self.machine.site(kind)
        return self.machine.site(kind, written_inside(self.machine, written))

    def _number(self, operator: Operator, arguments: dict[str, Value]) -> Value:
        """The number or truth value that an operator without tensors as results gives."""
        known = self.fills.equal(arguments["self"], arguments["other"]) if operator.name == "equal" else None
        return Unknown() if known is None else known

    def write_kind(self, kind: WriteKind) -> WriteKind:
        """How the write looks to the user, when it happens inside a model of torch's own Python code."""
        stack = self.machine.stack
        if not stack or not stack[-1].library:
            return kind
        for frame in reversed(stack):
            if not frame.library:
                break
            if frame.locals.get("inplace") is True:
                return "inplace_flag"
            if frame.function is not None and frame.function.name == "step" and "optim" in frame.scope.dotted:
                return "optimizer"
        return "module"

    def inferred(self, name: str, arguments: dict[str, Value]) -> tuple[Geometry, ...] | None:
        """The geometries of an operator's results, None if nothing is known."""
        try:
            return infer(name, {key: geometry_of(value) for key, value in arguments.items()})
        except Exception as problem:
            self.machine.note(f"shape rule of {name}: {type(problem).__name__}: {problem}")
            return None

    def _is_view(
        self, operator: Operator, arguments: dict[str, Value], geometries: tuple[Geometry, ...] | None
    ) -> bool | None:
        source = arguments.get(operator.view_of or "self")
        if not isinstance(source, Tensor) or geometries is None or geometries[0].shape is None:
            return None
        known = is_view(operator.name, {key: geometry_of(value) for key, value in arguments.items()})
        if known is None and geometries[0].strides is None and source.geometry.strides is None:
            # A result of an ordinary operator is contiguous.
            return True if source.geometry.shape is not None and source.base is None else None
        return known

    def _unmodelled(self, public: str, args: list[Value], kwargs: dict[str, Value], operator: Operator | None) -> Value:
        """A call whose effect on autograd is not known: its result may alias or save anything, and nothing is reported about it."""
        tensors = [t for a in (*args, *kwargs.values()) for t in tensors_in(a)]
        if not tensors:
            return Unknown()
        machine = self.machine
        name = public.rpartition(".")[2]
        if name.endswith("_") and not name.endswith("__") and isinstance(args[0], Tensor):
            machine.tape.write(args[0], machine.site("method"), operator=name, others=tensors[1:])
            machine.report_hazards()
            return args[0]
        if operator is None or operator.results != 1 or operator.returns_list:
            return Unknown()
        # A gradient surely flows through it; what it keeps and whether its result is a view is not known.
        opaque = Operator(
            name,
            tuple(Argument(f"input{i}", "tensor") for i in range(len(tensors))),
            1,
            f"{name}Backward",
            tuple(f"input{i}" for i in range(len(tensors))),
            (True,),
            (),
            (),
        )
        results = machine.tape.apply(
            opaque,
            {f"input{i}": tensor for i, tensor in enumerate(tensors)},
            machine.site(),
            results=self.inferred(operator.name, dict(self._bound_loosely(operator, args, kwargs))),
        )
        for result in results:
            result.counter.uncertain = True
        machine.report_hazards()
        return results[0]

    def _bound_loosely(
        self, operator: Operator, args: list[Value], kwargs: dict[str, Value]
    ) -> Iterator[tuple[str, Value]]:
        yield from zip((argument.name for argument in operator.arguments), args, strict=False)
        yield from kwargs.items()

    # --- numpy ------------------------------------------------------------------------------------------------------

    def is_numpy(self, args: Sequence[Value]) -> bool:
        """Whether a numpy array takes part, so that torch sees nothing of it."""
        return bool(self.classes) and any(isinstance(a, Tensor) and self.is_array(a) for a in args)

    def view_of_array(self, array: Tensor, geometry: Geometry) -> Tensor:
        """An array that shares the memory of `array`."""
        made = self.machine.tape.detach(array, self.machine.site(), "numpy")
        made.geometry = geometry
        self.classes[made] = ARRAY
        return made

    def _on_arrays(self, operator: Operator, arguments: dict[str, Value]) -> Value:
        machine = self.machine
        geometries = self.inferred(operator.name, arguments)
        for name in operator.writes:
            target = arguments.get(name)
            if isinstance(target, Tensor):
                machine.tape.write_past_counter(target, machine.site("method"), "numpy", operator.name)
                return target
        source = arguments.get(operator.view_of or "")
        geometry = geometries[0] if geometries else UNKNOWN_GEOMETRY
        if operator.view in ("always", "maybe") and isinstance(source, Tensor):
            return self.view_of_array(source, geometry)
        return self.array(geometry)

    # --- backward ---------------------------------------------------------------------------------------------------

    def backward(
        self,
        roots: list[Value],
        gradients: list[Value],
        retain_graph: bool,
        create_graph: bool,
        inputs: list[Value] | None,
    ) -> None:
        """`torch.autograd.backward`."""
        machine = self.machine
        machine.operations += 1
        tensors = [root for root in roots if isinstance(root, Tensor)]
        if not tensors:
            return
        machine.backwards += 1
        machine.tape.backward(
            tensors,
            machine.site(),
            gradients=[g if isinstance(g, Tensor) else None for g in gradients],
            retain_graph=retain_graph,
            create_graph=create_graph,
            inputs=None if inputs is None else [t for t in inputs if isinstance(t, Tensor)],
        )
        machine.report_hazards()

    def register_hook(self, tensor: Tensor, function: Value) -> Value:
        """`tensor.register_hook(function)`: called with the gradient when backward reaches the tensor."""
        machine = self.machine

        def hook(gradient: Tensor | None) -> Tensor | None:
            result = machine.call(function, [gradient], {})
            return result if isinstance(result, Tensor) else None

        machine.tape.register_hook(tensor, hook, machine.site())
        return Instance(machine.object_class)

    def deepcopy(self, tensor: Tensor, *, made_by: Machine | None = None) -> Value:
        """`copy.deepcopy(tensor)`: new memory, the same class, for leaves; if another machine made it, as if this one had."""
        machine = self.machine
        origin = self if made_by is None else made_by.tensors
        made = machine.tape.tensor(
            machine.site(),
            geometry=tensor.geometry,
            requires_grad=tensor.wants_grad,
            operator="deepcopy" if made_by is None else tensor.operator,
        )
        if tensor in origin.classes:
            self.classes[made] = origin.classes[tensor]
        self.fills.note(made, origin.fills.of(tensor))
        # A parameter's copy is a clone; any other tensor's is filled by `copy_`.
        made.counter.version = int(self.class_of(tensor) is not PARAMETER) if made_by is None else tensor.version
        return made

    # --- attributes and iteration -----------------------------------------------------------------------------------

    def attribute(self, tensor: Tensor, name: str) -> Value:
        """`tensor.name`: a property, an attribute that the program set, or a method."""
        extras = self.extras.get(tensor)
        if extras is not None and name in extras:
            return extras[name]
        reader = tensor_attributes.READ.get(name)
        if reader is not None:
            return reader(self.machine, tensor)
        if name not in _MODELS and not self.machine.catalog.candidates(f"Tensor.{name}"):
            return self.machine.ABSENT if name not in tensor_attributes.OPAQUE else Unknown()
        method = _methods.get(name)
        if method is None:
            method = NativeFunction(
                name, lambda machine, args, kwargs: machine.tensors.method(args[0], name, args[1:], kwargs)
            )
            _methods[name] = method
        return BoundMethod(method, tensor)

    def set_attribute(self, tensor: Tensor, name: str, value: Value) -> None:
        """`tensor.name = value`."""
        writer = tensor_attributes.WRITE.get(name)
        if writer is not None:
            writer(self.machine, tensor, value)
        else:
            self.extras.setdefault(tensor, {})[name] = value

    def length(self, tensor: Tensor) -> Value:
        shape = tensor.geometry.shape
        if not shape or shape[0] is None:
            return Unknown(("len", tensor), number=True)
        return shape[0]

    def iterate(self, tensor: Tensor) -> Iterator[Value] | None:
        """The pieces of `unbind`, as `for row in tensor` gives them."""
        shape = tensor.geometry.shape
        if self.is_array(tensor):
            count = shape[0] if shape and shape[0] is not None else 3
            return (self.get_item(tensor, i) for i in range(count))
        if not shape:
            return None
        pieces = self.method(tensor, "unbind", [0], {})
        return iter(pieces) if isinstance(pieces, tuple) else None
