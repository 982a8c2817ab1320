"""Which overload a call means, and which value goes to which of its arguments.

Follows torch's argument parser (torch/csrc/utils/python_arg_parser.cpp): the candidates are tried in order, each with
strict types first (a number is not a tensor); a second round takes numbers for tensors and 0-dim tensors for numbers. A
value of unknown kind fits anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gradguard.torchfacts.operator import Argument, Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# `number`: an int or float, not told apart. `true`, `false`, `bool`: a constant, or some bool. `ints`: a list, tuple or
# Size of ints. `other`: anything else that is known (a string, a dtype, a device, a list of mixed things).
ValueKind = Literal[
    "tensor",
    "tensors",
    "number",
    "int",
    "float",
    "bool",
    "true",
    "false",
    "ints",
    "none",
    "str",
    "dtype",
    "other",
    "unknown",
]

_NUMBERS = frozenset({"number", "int", "float"})
_BOOLS = frozenset({"bool", "true", "false"})
_WORDS = frozenset({"str", "dtype", "other"})
_ACCEPTED: dict[str, frozenset[str]] = {
    "Tensor": frozenset({"tensor"}),
    "Tensor[]": frozenset({"tensors"}),
    "Scalar": _NUMBERS | _BOOLS,
    "float": _NUMBERS,
    "int": frozenset({"number", "int"}),
    "int[]": frozenset({"ints", "other"}),
    "bool": _BOOLS | {"other"},
    "True": frozenset({"true"}),
    "False": frozenset({"false"}),
    "str": frozenset({"str", "other"}),
    "ScalarType": frozenset({"dtype", "other"}),
    "": frozenset({"tensor", "tensors", "ints"}) | _NUMBERS | _BOOLS | _WORDS,
}
_ACCEPTED_LENIENTLY: dict[str, frozenset[str]] = {
    "Tensor": _NUMBERS | _BOOLS,
    "Tensor[]": frozenset({"ints", "other"}),
    "Scalar": frozenset({"tensor"}),
    "float": frozenset({"tensor"}) | _BOOLS,
    "int": frozenset({"tensor"}) | _NUMBERS | _BOOLS,
    "int[]": frozenset({"tensor", "tensors"}),
    "bool": frozenset({"tensor"}) | _NUMBERS,
    "ScalarType": frozenset({"str"}),
}
# python_arg_parser.cpp, numpy_compatibility_arg_names; and `self` is spelt `input` in functions.
_SPELLINGS = {
    "input": "self",
    "axis": "dim",
    "keepdims": "keepdim",
    "x": "self",
    "a": "self",
    "x1": "self",
    "x2": "other",
}

# Where an argument's value stands: a position, a keyword, or every position from one on (`x.view(2, 3)`).
_Source = int | str | slice


class Candidates(tuple[Operator, ...]):
    """The overloads of one public name in the order in which they are tried; remembers how calls were bound to them."""

    plans: dict[tuple[object, ...], _Plan | None]

    def __new__(cls, operators: Sequence[Operator] = ()) -> Candidates:
        made = super().__new__(cls, operators)
        made.plans = {}
        return made


@dataclass(frozen=True, slots=True)
class _Plan:
    operator: Operator
    sources: tuple[tuple[str, _Source], ...]
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """A call with its overload chosen.

    `arguments`: values by the operator's argument names, left-out ones missing; a tuple for a variadic argument.
    `uncertain`: the overload rests on a value of unknown kind, or the operator's behaviour is not known; nothing may be
    reported about what it saves, writes or returns.
    """

    operator: Operator
    arguments: dict[str, object]
    uncertain: bool = False


def bind(
    candidates: Sequence[Operator],
    args: Sequence[object],
    kwargs: Mapping[str, object],
    kind_of: Callable[[object], ValueKind],
) -> Bound | None:
    """Choose the overload of `candidates` that torch takes for `(*args, **kwargs)`; a method's receiver is `args[0]`.

    Returns None if none fits: torch raises TypeError there.
    """
    kinds = tuple([kind_of(value) for value in args])
    keywords = tuple([(name, kind_of(value)) for name, value in kwargs.items()])
    signature = (kinds, keywords)
    plans = candidates.plans if isinstance(candidates, Candidates) else {}
    try:
        plan = plans[signature]
    except KeyError:
        plan = plans[signature] = _choose(candidates, kinds, dict(keywords))
    if plan is None:
        return None
    arguments: dict[str, object] = {}
    for name, source in plan.sources:
        if isinstance(source, int):
            arguments[name] = args[source]
        elif isinstance(source, str):
            arguments[name] = kwargs[source]
        else:
            arguments[name] = tuple(args[source])
    return Bound(plan.operator, arguments, plan.uncertain)


def _choose(
    candidates: Sequence[Operator], kinds: tuple[ValueKind, ...], keywords: dict[str, ValueKind]
) -> _Plan | None:
    if keywords.get("out") == "none":
        keywords = {name: kind for name, kind in keywords.items() if name != "out"}
    for lenient in (False, True):
        fitting = []
        for operator in candidates:
            sources = _match(operator.arguments, kinds, keywords, lenient)
            if sources is not None:
                fitting.append((operator, sources))
        if fitting:
            operator, sources = fitting[0]
            guessed = "unknown" in kinds or "unknown" in keywords.values()
            agreed = not guessed or all(_bookkeeping(other) == _bookkeeping(operator) for other, _ in fitting)
            return _Plan(operator, sources, not (agreed and operator.known))
    return None


def _bookkeeping(operator: Operator) -> tuple[object, ...]:
    """All that autograd does for the operator; two overloads with the same need not be told apart."""
    return (
        operator.node is None,
        operator.differentiable,
        operator.differentiable_results,
        operator.saved,
        operator.saved_results,
        operator.saves_private,
        operator.writes,
        operator.bumps,
        operator.view,
        operator.view_of,
        operator.returns_list,
        operator.known,
    )


def _match(
    parameters: tuple[Argument, ...], kinds: tuple[ValueKind, ...], keywords: dict[str, ValueKind], lenient: bool
) -> tuple[tuple[str, _Source], ...] | None:
    """Where each given argument's value stands, or None if the call does not fit `parameters`."""
    sources: list[tuple[str, _Source]] = []
    position = 0
    names = {_spelling(name, parameters): name for name in keywords}
    for parameter in parameters:
        if not parameter.keyword_only and position < len(kinds):
            if parameter.variadic and _variadic(parameter, kinds[position:]):
                sources.append((parameter.name, slice(position, None)))
                position = len(kinds)
                continue
            if not _accepts(parameter, kinds[position], lenient):
                return None
            sources.append((parameter.name, position))
            position += 1
        elif parameter.name in names:
            keyword = names.pop(parameter.name)
            if not _accepts(parameter, keywords[keyword], lenient):
                return None
            sources.append((parameter.name, keyword))
        elif parameter.required and not parameter.variadic:
            return None
    if position < len(kinds) or names:
        return None
    return tuple(sources)


def _spelling(keyword: str, parameters: tuple[Argument, ...]) -> str:
    if any(parameter.name == keyword for parameter in parameters):
        return keyword
    return _SPELLINGS.get(keyword, keyword)


def _variadic(parameter: Argument, kinds: tuple[ValueKind, ...]) -> bool:
    """Whether the values are written one by one (`x.view(2, 3)`), not as one list."""
    wanted = _NUMBERS | {"tensor", "unknown"} if parameter.kind != "tensors" else frozenset({"tensor", "unknown"})
    if len(kinds) == 1 and kinds[0] == "unknown":
        return False
    return all(kind in wanted for kind in kinds)


def _accepts(parameter: Argument, kind: ValueKind, lenient: bool) -> bool:
    if kind == "unknown":
        return True
    type_ = parameter.type
    if kind == "none":
        return type_.endswith("?") or type_ == ""
    type_ = type_.removesuffix("?")
    if type_.startswith("SymInt"):
        type_ = "int" + type_.removeprefix("SymInt")
    if type_.endswith("]"):
        element, _, size = type_.removesuffix("]").rpartition("[")
        if element.startswith("Tensor"):
            type_ = "Tensor[]"
        elif size and kind in _NUMBERS:
            return True  # `int[2]` takes one int for both
        else:
            type_ = "int[]"
    accepted = _ACCEPTED.get(type_)
    if accepted is None:
        return kind in _WORDS
    return kind in accepted or (lenient and kind in _ACCEPTED_LENIENTLY.get(type_, ()))
