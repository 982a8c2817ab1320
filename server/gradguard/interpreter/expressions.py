"""Evaluation of expressions: one small function per node type of `ast`.

A frame's `node` is set to the expression that is about to act on values, so that events of the tape find their place.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gradguard.interpreter import operations
from gradguard.interpreter.calls import function_value
from gradguard.interpreter.constants import is_modest
from gradguard.interpreter.frames import MISSING, Frame
from gradguard.interpreter.iteration import Iteration
from gradguard.interpreter.names import lookup
from gradguard.interpreter.values import UNKNOWN, Deferred, GeneratorValue, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    """The value of `node` in `frame`; an expression of a kind not modelled is unknown."""
    return _HANDLERS[type(node)](machine, node, frame)


def _not_modelled(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    return UNKNOWN


def _constant(machine: Machine, node: ast.Constant, frame: Frame) -> Value:
    return node.value


def _name(machine: Machine, node: ast.Name, frame: Frame) -> Value:
    value = frame.locals.get(node.id, MISSING) if frame.globals is None else MISSING
    return lookup(machine, node.id, frame) if value is MISSING or type(value) is Deferred else value


def _attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Value:
    receiver = evaluate(machine, node.value, frame)
    frame.node = node
    return machine.get_attribute(receiver, node.attr)


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Value:
    func = node.func
    if type(func) is ast.Name and func.id == "super" and not node.args:
        return machine.zero_argument_super(frame)
    callee = evaluate(machine, func, frame)
    args, kwargs = evaluate_arguments(machine, node, frame)
    frame.node = node
    return machine.call(callee, args, kwargs)


def evaluate_arguments(machine: Machine, node: ast.Call, frame: Frame) -> tuple[list[Value], dict[str, Value]]:
    """Positional and keyword arguments; an unknown `*args` contributes one unknown, an unknown `**kwargs` the key `**`."""
    args: list[Value] = []
    for argument in node.args:
        if type(argument) is ast.Starred:
            value = evaluate(machine, argument.value, frame)
            items = machine.listed(value)
            args.extend([Unknown()] if items is None else items)
        else:
            args.append(evaluate(machine, argument, frame))
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = evaluate(machine, keyword.value, frame)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        else:
            mapping = machine.mapping_of(value)
            if mapping is None:
                kwargs["**"] = value
            else:
                kwargs.update({k: v for k, v in mapping.items() if isinstance(k, str)})
    return args, kwargs


def _binary(machine: Machine, node: ast.BinOp, frame: Frame) -> Value:
    left = evaluate(machine, node.left, frame)
    right = evaluate(machine, node.right, frame)
    frame.node = node
    return operations.binary(machine, type(node.op), left, right)


def _unary(machine: Machine, node: ast.UnaryOp, frame: Frame) -> Value:
    operand = evaluate(machine, node.operand, frame)
    frame.node = node
    return operations.unary(machine, type(node.op), operand, node)


def _boolean(machine: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    stop_at = isinstance(node.op, ast.Or)
    value: Value = None
    for operand in node.values[:-1]:
        value = evaluate(machine, operand, frame)
        if machine.truth(value, operand, frame) is stop_at:
            return stop_at if isinstance(value, Unknown) else value
    return evaluate(machine, node.values[-1], frame)


def _compare(machine: Machine, node: ast.Compare, frame: Frame) -> Value:
    left = evaluate(machine, node.left, frame)
    result: Value = True
    for position, (op, operand) in enumerate(zip(node.ops, node.comparators, strict=True)):
        right = evaluate(machine, operand, frame)
        frame.node = node
        result = operations.compare(machine, type(op), left, right)
        if position + 1 < len(node.ops) and not machine.truth(result, node, frame):
            return result
        left = right
    return result


def _conditional(machine: Machine, node: ast.IfExp, frame: Frame) -> Value:
    test = evaluate(machine, node.test, frame)
    return evaluate(machine, node.body if machine.truth(test, node.test, frame) else node.orelse, frame)


def _subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Value:
    receiver = evaluate(machine, node.value, frame)
    index = evaluate(machine, node.slice, frame)
    frame.node = node
    return machine.get_item(receiver, index)


def _slice(machine: Machine, node: ast.Slice, frame: Frame) -> Value:
    parts = [None if part is None else evaluate(machine, part, frame) for part in (node.lower, node.upper, node.step)]
    return slice(*parts)


def _elements(machine: Machine, nodes: list[ast.expr], frame: Frame) -> list[Value] | None:
    """The values of a display; None if an unknown is unpacked into it."""
    values: list[Value] = []
    for element in nodes:
        if type(element) is ast.Starred:
            items = machine.listed(evaluate(machine, element.value, frame))
            if items is None:
                return None
            values.extend(items)
        else:
            values.append(evaluate(machine, element, frame))
    return values


def _tuple(machine: Machine, node: ast.Tuple, frame: Frame) -> Value:
    values = _elements(machine, node.elts, frame)
    return Unknown() if values is None else tuple(values)


def _list(machine: Machine, node: ast.List, frame: Frame) -> Value:
    values = _elements(machine, node.elts, frame)
    return Unknown() if values is None else values


def _set(machine: Machine, node: ast.Set, frame: Frame) -> Value:
    values = _elements(machine, node.elts, frame)
    if values is None:
        return Unknown()
    return operations.set_of(values)


def _dict(machine: Machine, node: ast.Dict, frame: Frame) -> Value:
    result: dict[Value, Value] = {}
    for key, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(machine, value_node, frame)
        if key is None:
            mapping = machine.mapping_of(value)
            if mapping is None:
                return Unknown()
            result.update(mapping)
        else:
            operations.store_key(result, evaluate(machine, key, frame), value)
    return result


def _joined(machine: Machine, node: ast.JoinedStr, frame: Frame) -> Value:
    parts: list[str] = []
    known = True
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
            continue
        assert isinstance(part, ast.FormattedValue)
        value = evaluate(machine, part.value, frame)
        layout = "" if part.format_spec is None else evaluate(machine, part.format_spec, frame)
        text = formatted(value, layout, _CONVERSIONS.get(part.conversion))
        known = known and isinstance(text, str)
        parts.append(text if isinstance(text, str) else "")
    return "".join(parts) if known else Unknown()


_CONVERSIONS: dict[int, Callable[[object], str]] = {ord("s"): str, ord("r"): repr, ord("a"): ascii}


def formatted(value: Value, layout: Value, conversion: Callable[[object], str] | None = None) -> Value:
    """`format(value, layout)` of a constant, converted first; unknown if it cannot be told."""
    if not isinstance(value, (str, int, float, type(None))) or not isinstance(layout, str) or not is_modest(layout):
        return Unknown()
    try:
        return format(value if conversion is None else conversion(value), layout)
    except (ValueError, TypeError, OverflowError):
        return Unknown()


def _lambda(machine: Machine, node: ast.Lambda, frame: Frame) -> Value:
    return function_value(machine, node, frame)


def _named(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Value:
    value = evaluate(machine, node.value, frame)
    target = frame
    while target.comprehension and target.enclosing is not None:  # it binds in the function around the comprehension
        target = target.enclosing
    machine.bind(node.target.id, value, target)
    return value


def _await(machine: Machine, node: ast.Await, frame: Frame) -> Value:
    return machine.run_coroutine(evaluate(machine, node.value, frame))


def _starred(machine: Machine, node: ast.Starred, frame: Frame) -> Value:
    return evaluate(machine, node.value, frame)


def _comprehended(
    machine: Machine, generators: list[ast.comprehension], frame: Frame, make: Callable[[Frame], Value]
) -> Iterator[Value]:
    """The values that `make` gives for each round of the `for` clauses, outermost first."""
    first, rest = generators[0], generators[1:]
    iterable = evaluate(machine, first.iter, frame)
    inner = frame
    iteration = Iteration(machine, iterable, first, inner)
    for item in iteration:
        machine.assign(first.target, item, inner)
        if not all(machine.truth(evaluate(machine, test, inner), test, inner) for test in first.ifs):
            continue
        if rest:
            yield from _comprehended(machine, rest, inner, make)
        else:
            yield make(inner)


def _comprehension_frame(frame: Frame) -> Frame:
    inner = Frame(frame.scope, frame.chunk, frame)
    inner.loops = list(frame.loops)
    inner.owner = frame.owner
    inner.function = frame.function
    inner.comprehension = True
    return inner


def _run_comprehension(
    machine: Machine, generators: list[ast.comprehension], frame: Frame, make: Callable[[Frame], Value]
) -> list[Value]:
    inner = _comprehension_frame(frame)
    inner.node = frame.node
    machine.stack.append(inner)
    try:
        return list(_comprehended(machine, generators, inner, make))
    finally:
        machine.stack.pop()


def _list_comprehension(machine: Machine, node: ast.ListComp, frame: Frame) -> Value:
    return _run_comprehension(machine, node.generators, frame, lambda inner: evaluate(machine, node.elt, inner))


def _set_comprehension(machine: Machine, node: ast.SetComp, frame: Frame) -> Value:
    return operations.set_of(
        _run_comprehension(machine, node.generators, frame, lambda inner: evaluate(machine, node.elt, inner))
    )


def _dict_comprehension(machine: Machine, node: ast.DictComp, frame: Frame) -> Value:
    result: dict[Value, Value] = {}

    def make(inner: Frame) -> None:
        key = evaluate(machine, node.key, inner)
        operations.store_key(result, key, evaluate(machine, node.value, inner))

    _run_comprehension(machine, node.generators, frame, make)
    return result


def _generator_expression(machine: Machine, node: ast.GeneratorExp, frame: Frame) -> Value:
    # Nearly always consumed at once (sum, join, all); running it eagerly keeps the order of events in those cases.
    values = _run_comprehension(machine, node.generators, frame, lambda inner: evaluate(machine, node.elt, inner))
    return GeneratorValue(iter(values))


_HANDLERS: defaultdict[type, Callable[..., Value]] = defaultdict(lambda: _not_modelled)
_HANDLERS |= {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.Starred: _starred,
    ast.ListComp: _list_comprehension,
    ast.SetComp: _set_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.GeneratorExp: _generator_expression,
}
