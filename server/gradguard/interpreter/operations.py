"""Python's operators on abstract values."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions
from gradguard.interpreter.constants import NOT_HOST, host_value, is_modest
from gradguard.interpreter.values import Dtype, Instance, ModuleValue, OrderedSet, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

_BINARY: dict[type, tuple[str, Callable[[Value, Value], Value]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("sub", operator.sub),
    ast.Mult: ("mul", operator.mul),
    ast.Div: ("truediv", operator.truediv),
    ast.FloorDiv: ("floordiv", operator.floordiv),
    ast.Mod: ("mod", operator.mod),
    ast.Pow: ("pow", operator.pow),
    ast.MatMult: ("matmul", operator.matmul),
    ast.BitAnd: ("and", operator.and_),
    ast.BitOr: ("or", operator.or_),
    ast.BitXor: ("xor", operator.xor),
    ast.LShift: ("lshift", operator.lshift),
    ast.RShift: ("rshift", operator.rshift),
}
_COMPARE: dict[type, tuple[str, Callable[[Value, Value], Value]]] = {
    ast.Eq: ("eq", operator.eq),
    ast.NotEq: ("ne", operator.ne),
    ast.Lt: ("lt", operator.lt),
    ast.LtE: ("le", operator.le),
    ast.Gt: ("gt", operator.gt),
    ast.GtE: ("ge", operator.ge),
}
_UNARY: dict[type, tuple[str, Callable[[Value], Value]]] = {
    ast.USub: ("neg", operator.neg),
    ast.UAdd: ("pos", operator.pos),
    ast.Invert: ("invert", operator.invert),
}
LARGEST = 1 << 20
"""Numbers and sequences beyond this size are not computed: `2 ** 10 ** 9` in a file must not stop the server."""

_PLAIN = (int, float, complex, str, bytes, bool, type(None), tuple, list, dict, OrderedSet, range)
_SEQUENCES = (str, bytes, list, tuple)


def is_plain(value: Value) -> bool:
    """Whether Python's own operators may be applied to it."""
    return isinstance(value, _PLAIN)


def binary(machine: Machine, op: type, left: Value, right: Value) -> Value:
    """`left op right`."""
    name, function = _BINARY[op]
    return apply_binary(machine, name, function, left, right)


def apply_binary(
    machine: Machine, name: str, function: Callable[[Value, Value], Value], left: Value, right: Value
) -> Value:
    """As `binary`, by the operator's dunder name without underscores."""
    if machine.is_tensor(left) or machine.is_tensor(right):
        return machine.tensors.binary(name, left, right)
    if isinstance(left, Instance) or isinstance(right, Instance):
        return _dunder(machine, name, function, left, right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _unknown(name, left, right)
    if not is_plain(left) or not is_plain(right) or _too_large(name, left, right):
        return Unknown()
    try:
        return function(left, right)
    except ZeroDivisionError:
        raise exceptions.raised(machine, "ZeroDivisionError") from None
    except (TypeError, ValueError, OverflowError, MemoryError):
        return Unknown()


def _too_large(name: str, left: Value, right: Value) -> bool:
    if name == "pow":
        return not (_small(left, 1e6) and _small(right, 256))
    if name == "mod" and isinstance(left, (str, bytes)):
        return not (isinstance(left, str) and is_modest(left) and host_value(right) is not NOT_HOST)
    if name == "lshift":
        return not _small(right, 4096)
    if name == "mul":
        for sequence, count in ((left, right), (right, left)):
            if isinstance(sequence, _SEQUENCES):
                return not isinstance(count, int) or len(sequence) * max(count, 0) > LARGEST
        return isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > LARGEST
    if name == "add" and isinstance(left, _SEQUENCES) and isinstance(right, _SEQUENCES):
        return len(left) + len(right) > LARGEST
    return False


def _small(value: Value, limit: float) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= limit


def _unknown(name: str, left: Value, right: Value) -> Unknown:
    keys = [value.key if isinstance(value, Unknown) else value for value in (left, right)]
    size = sum(value.size for value in (left, right) if isinstance(value, Unknown)) + 1
    number = all(v.number if isinstance(v, Unknown) else isinstance(v, (int, float)) for v in (left, right))
    if any(key is None and isinstance(value, Unknown) for key, value in zip(keys, (left, right), strict=True)):
        return Unknown(number=number)
    if not all(isinstance(key, (int, float, str, bool, tuple, type(None))) for key in keys):
        return Unknown(number=number)
    return Unknown((name, *keys), size=size, number=number)


def _dunder(machine: Machine, name: str, function: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    method = machine.method(left, f"__{name}__")
    if method is not None:
        return machine.call(method, [right], {})
    method = machine.method(right, f"__r{name}__")
    if method is not None:
        return machine.call(method, [left], {})
    plain = [v.payload if isinstance(v, Instance) and v.payload is not None else v for v in (left, right)]
    if plain[0] is not left or plain[1] is not right:
        return apply_binary(machine, name, function, plain[0], plain[1])
    return Unknown()


def in_place(machine: Machine, op: type, left: Value, right: Value) -> Value:
    """`left op= right`: what the target is bound to afterwards."""
    name, function = _BINARY[op]
    if machine.is_tensor(left):
        return machine.tensors.in_place(name, left, right)
    if isinstance(left, Instance):
        method = machine.method(left, f"__i{name}__")
        if method is not None:
            return machine.call(method, [right], {})
    if isinstance(left, list) and name == "add":
        items = machine.listed(right)
        if items is None:
            return Unknown()
        left.extend(items)
        return left
    if isinstance(left, (dict, OrderedSet)) and isinstance(right, type(left)) and name in ("or", "and", "sub", "xor"):
        result = function(left, right)
        if isinstance(left, dict):
            left.clear()
            left.update(result)
        else:
            left &= result
            left |= result
        return left
    return apply_binary(machine, name, function, left, right)


def unary(machine: Machine, op: type, operand: Value, node: ast.UnaryOp) -> Value:
    """`op operand`."""
    if op is ast.Not:
        if isinstance(operand, Unknown):
            return Unknown(None if operand.key is None else ("not", operand.key), default=not operand.default)
        return not machine.truth(operand, node.operand, machine.stack[-1])
    name, function = _UNARY[op]
    if machine.is_tensor(operand):
        return machine.tensors.method(operand, f"__{name}__", [], {})
    if isinstance(operand, Instance):
        method = machine.method(operand, f"__{name}__")
        return machine.call(method, [], {}) if method is not None else Unknown()
    if isinstance(operand, Unknown):
        return operand.part(name)
    try:
        return function(operand)
    except TypeError:
        return Unknown()


def compare(machine: Machine, op: type, left: Value, right: Value) -> Value:
    """`left op right` for one comparison; an Unknown where the program does not tell."""
    if op is ast.Is:
        return _is(left, right)
    if op is ast.IsNot:
        return _negated(_is(left, right))
    if op is ast.In:
        return _contains(machine, right, left)
    if op is ast.NotIn:
        return _negated(_contains(machine, right, left))
    name, function = _COMPARE[op]
    if machine.is_tensor(left) or machine.is_tensor(right):
        if not (left is None or right is None or isinstance(left, str) or isinstance(right, str)):
            return machine.tensors.compare(name, left, right)
        return name == "ne"
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        result = _unknown(name, left, right)
        result.default = name in ("ne", "lt", "le", "gt", "ge")
        return result
    if isinstance(left, Instance) or isinstance(right, Instance):
        return _compare_instances(machine, name, function, left, right)
    if not is_plain(left) or not is_plain(right):
        if name in ("eq", "ne"):
            return _identical(left, right) is (name == "eq")
        return Unknown()
    try:
        return equal(left, right, name == "eq") if name in ("eq", "ne") else function(left, right)
    except TypeError:
        return Unknown()


def equal(left: Value, right: Value, wanted: bool) -> Value:
    """`==` (or `!=` if not `wanted`) of plain values; unknown if an unknown inside decides."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown()
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if type(left) is not type(right) or len(left) != len(right):
            return not wanted
        results = [equal(a, b, True) for a, b in zip(left, right, strict=True)]
        if any(r is False for r in results):
            return not wanted
        return Unknown() if any(isinstance(r, Unknown) for r in results) else wanted
    return bool(left == right) is wanted


def _identical(left: Value, right: Value) -> bool:
    if isinstance(left, Dtype) and isinstance(right, Dtype):
        return left.name == right.name
    if isinstance(left, ModuleValue) and isinstance(right, ModuleValue):
        return left.dotted == right.dotted
    return left is right


def _compare_instances(
    machine: Machine, name: str, function: Callable[[Value, Value], Value], left: Value, right: Value
) -> Value:
    method = machine.method(left, f"__{name}__")
    if method is not None:
        return machine.call(method, [right], {})
    if isinstance(left, Instance) and left.payload is not None:
        other = right.payload if isinstance(right, Instance) else right
        if is_plain(left.payload) and is_plain(other):
            return function(left.payload, other) if name in ("eq", "ne") else Unknown()
    if name in ("eq", "ne"):
        return (left is right) is (name == "eq")
    return Unknown()


def _is(left: Value, right: Value) -> Value:
    if left is right:
        return True
    if isinstance(left, Unknown):
        return _is_unknown(left, right)
    if isinstance(right, Unknown):
        return _is_unknown(right, left)
    if isinstance(left, (int, float, str, bytes, tuple)) and isinstance(right, type(left)):
        return left == right
    return _identical(left, right)


def _is_unknown(value: Unknown, other: Value) -> Unknown:
    if isinstance(other, (type(None), bool, str, int)):
        return Unknown(None if value.key is None else ("is", value.key, other), default=False)
    return Unknown(default=False)


def _negated(value: Value) -> Value:
    if isinstance(value, Unknown):
        return Unknown(None if value.key is None else ("not", value.key), default=not value.default)
    return not value


def _contains(machine: Machine, container: Value, item: Value) -> Value:
    method = machine.method(container, "__contains__")
    if method is not None:
        return machine.call(method, [item], {})
    if isinstance(container, Instance):
        container = container.payload if container.payload is not None else machine.listed(container)
    if container is None or isinstance(container, Unknown) or isinstance(item, Unknown):
        key = getattr(container, "key", None)
        plain = isinstance(item, (str, int, float, bool))
        return Unknown(("in", key, item) if key is not None and plain else None, default=False)
    if isinstance(container, str):
        return item in container if isinstance(item, str) else Unknown()
    if isinstance(container, (dict, OrderedSet)):
        try:
            return item in container or (Unknown(default=False) if has_unknown_key(container) else False)
        except TypeError:
            return Unknown()
    if isinstance(container, range):
        return item in container
    if isinstance(container, (list, tuple)):
        if isinstance(item, (str, int, float)) and all(isinstance(e, (str, int, float)) for e in container):
            return item in container
        if any(element is item for element in container):
            return True
        unknown = False
        for element in container:
            result = compare(machine, ast.Eq, element, item) if is_plain(element) else element is item
            if result is True:
                return True
            unknown = unknown or result is not False
        return Unknown(default=False) if unknown else False
    return Unknown()


def has_unknown_key(container: Value) -> bool:
    """Whether a dict or set may hold keys that are not known."""
    return any(isinstance(key, Unknown) for key in container)


def store_key(mapping: dict[Value, Value], key: Value, value: Value) -> None:
    """`mapping[key] = value`; a key that cannot be one is remembered as unknown."""
    try:
        mapping[key] = value
    except TypeError:
        mapping[Unknown()] = value


def set_of(values: list[Value]) -> Value:
    """A set of `values`; unknown if one of them cannot be an element."""
    try:
        return OrderedSet(values)
    except TypeError:
        return Unknown()
