"""Methods of Python's containers, on values that stand for themselves: list, deque, dict, set."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradguard.interpreter import exceptions, operations
from gradguard.interpreter.operations import LARGEST, has_unknown_key, is_plain, store_key
from gradguard.interpreter.values import GeneratorValue, NativeFunction, OrderedSet, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

Method = Callable[["Machine", list[Value], dict[str, Value]], Value]
METHODS: dict[type, dict[str, NativeFunction]] = {}
"""By type and name; a receiver is the first argument."""


def method(host: type, *names: str) -> Callable[[Method], Method]:
    """Register the model of a method; it is called with the receiver as first argument."""

    def register(function: Method) -> Method:
        for name in names:
            METHODS.setdefault(host, {})[name] = NativeFunction(name, function)
        return function

    return register


# --- list and deque -------------------------------------------------------------------------------------------------


@method(list, "append")
@method(deque, "append")
def _append(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args[0]) < LARGEST:
        args[0].append(args[1] if len(args) > 1 else Unknown())


@method(deque, "appendleft")
def _append_left(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].appendleft(args[1])


@method(deque, "extendleft")
def _extend_left(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[1])
    args[0].extendleft([Unknown()] if items is None else items)


@method(deque, "rotate")
def _rotate(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    steps = args[1] if len(args) > 1 else 1
    if isinstance(steps, int):
        args[0].rotate(steps)
    else:
        machine.forget([args[0]])


@method(deque, "popleft")
def _pop_left(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0].popleft() if args[0] else _missing(machine, "IndexError")


@method(list, "extend")
@method(deque, "extend")
def _extend(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[1])
    if items is None:
        args[0].append(Unknown())
    else:
        args[0].extend(items)


@method(list, "insert")
@method(deque, "insert")
def _insert(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].insert(args[1] if isinstance(args[1], int) else 0, args[2])


@method(list, "pop")
def _list_pop(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items, index = args[0], args[1] if len(args) > 1 else -1
    if isinstance(index, int) and -len(items) <= index < len(items):
        return items.pop(index)
    return _missing(machine, "IndexError")


@method(deque, "pop")
def _deque_pop(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0].pop() if args[0] else _missing(machine, "IndexError")


def _missing(machine: Machine, name: str) -> Value:
    if machine.handles_exceptions:
        raise exceptions.raised(machine, name)
    return Unknown()


@method(list, "remove")
@method(deque, "remove")
def _remove(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    for position, item in enumerate(args[0]):
        if item is args[1] or (is_plain(item) and is_plain(args[1]) and item == args[1]):
            del args[0][position]
            return None
    return None


@method(list, "clear")
@method(deque, "clear")
def _clear(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].clear()


@method(list, "copy", "__copy__")
@method(deque, "copy")
def _copy(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0].copy()


@method(list, "reverse")
@method(deque, "reverse")
def _reverse(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].reverse()


@method(list, "sort")
def _sort(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0][:] = machine.in_order(args[0], kwargs.get("key"), kwargs.get("reverse", False)) or args[0]


@method(list, "index")
@method(tuple, "index")
@method(deque, "index")
def _index(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    for position, item in enumerate(args[0]):
        if item is args[1] or (is_plain(item) and is_plain(args[1]) and item == args[1]):
            return position
    return Unknown()


@method(list, "count")
@method(tuple, "count")
@method(deque, "count")
def _count(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not all(is_plain(item) for item in (*args[0], args[1])):
        return Unknown()
    return sum(1 for item in args[0] if item == args[1])


@method(list, "__len__")
@method(tuple, "__len__")
@method(dict, "__len__")
@method(OrderedSet, "__len__")
@method(deque, "__len__")
def _len(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return len(args[0])


@method(list, "__getitem__")
@method(tuple, "__getitem__")
@method(dict, "__getitem__")
@method(deque, "__getitem__")
def _getitem(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return machine.get_item(args[0], args[1])


@method(list, "__setitem__")
@method(dict, "__setitem__")
@method(deque, "__setitem__")
def _setitem(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.set_item(args[0], args[1], args[2])


@method(dict, "__delitem__")
@method(list, "__delitem__")
def _delitem(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    machine.delete_item(args[0], args[1])


@method(list, "__iter__")
@method(tuple, "__iter__")
@method(dict, "__iter__")
@method(OrderedSet, "__iter__")
@method(deque, "__iter__")
def _iter(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return GeneratorValue(iter(list(args[0])))


@method(list, "__contains__")
@method(tuple, "__contains__")
@method(dict, "__contains__")
@method(OrderedSet, "__contains__")
def _contains(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return operations.compare(machine, ast.In, args[1], args[0])


@method(list, "__init__")
def _list_init(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    items = machine.listed(args[1]) if len(args) > 1 else []
    args[0][:] = [Unknown()] if items is None else items


# --- dict -----------------------------------------------------------------------------------------------------------


@method(dict, "get")
def _get(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    mapping, key = args[0], args[1]
    default = args[2] if len(args) > 2 else kwargs.get("default")
    try:
        if key in mapping:
            return mapping[key]
    except TypeError:
        return Unknown()
    return Unknown() if isinstance(key, Unknown) or has_unknown_key(mapping) else default


@method(dict, "setdefault")
def _setdefault(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    mapping, key, default = args[0], args[1], args[2] if len(args) > 2 else None
    try:
        return mapping.setdefault(key, default)
    except TypeError:
        return Unknown()


@method(dict, "pop")
def _dict_pop(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    mapping, key = args[0], args[1]
    try:
        if key in mapping:
            return mapping.pop(key)
    except TypeError:
        return Unknown()
    if len(args) > 2 and not isinstance(key, Unknown) and not has_unknown_key(mapping):
        return args[2]
    return _missing(machine, "KeyError")


@method(dict, "popitem")
def _popitem(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return args[0].popitem() if args[0] else _missing(machine, "KeyError")


@method(dict, "keys")
def _keys(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return list(args[0])


@method(dict, "values")
def _values(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return list(args[0].values())


@method(dict, "items")
def _items(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return list(args[0].items())


@method(dict, "update", "__init__")
def _update(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if len(args) > 1:
        mapping = machine.mapping_of(args[1])
        if mapping is not None:
            args[0].update(mapping)
        else:
            pairs = machine.listed(args[1])
            for pair in pairs if pairs is not None else [(Unknown(), Unknown())]:
                parts = machine.listed(pair)
                if parts is not None and len(parts) == 2:
                    store_key(args[0], parts[0], parts[1])
    for key, value in kwargs.items():
        store_key(args[0], Unknown() if key == "**" else key, value)


@method(dict, "copy", "__copy__")
def _dict_copy(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return dict(args[0])


@method(dict, "clear")
def _dict_clear(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].clear()


# --- set ------------------------------------------------------------------------------------------------------------


@method(OrderedSet, "add")
def _add(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    try:
        args[0].add(args[1])
    except TypeError:
        args[0].add(Unknown())


@method(OrderedSet, "discard", "remove")
def _discard(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    args[0].discard(args[1])


@method(OrderedSet, "update")
def _set_update(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    for other in args[1:]:
        for item in machine.listed(other) or [Unknown()]:
            args[0].add(item)


@method(OrderedSet, "copy")
def _set_copy(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    return OrderedSet(args[0])


for _name, _operation in {
    "union": OrderedSet.__or__,
    "intersection": OrderedSet.__and__,
    "difference": OrderedSet.__sub__,
    "symmetric_difference": OrderedSet.__xor__,
    "issubset": OrderedSet.__le__,
    "issuperset": OrderedSet.__ge__,
}.items():

    def _algebra(
        machine: Machine,
        args: list[Value],
        kwargs: dict[str, Value],
        operation: Callable[[Value, Value], Value] = _operation,
    ) -> Value:
        result = args[0]
        for other in args[1:]:
            items = machine.listed(other)
            if items is None:
                return Unknown()
            result = operation(result, OrderedSet(items))
        return OrderedSet(result) if result is args[0] else result

    METHODS[OrderedSet][_name] = NativeFunction(_name, _algebra)


@method(OrderedSet, "pop")
def _set_pop(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    if not args[0]:
        return _missing(machine, "KeyError")
    item = next(iter(args[0]))
    args[0].discard(item)
    return item


@method(OrderedSet, "clear")
def _set_clear(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    for item in list(args[0]):
        args[0].discard(item)
