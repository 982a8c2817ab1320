"""Which overload a call means, and which value goes to which of its arguments.

Follows torch's argument parser (torch/csrc/utils/python_arg_parser.cpp): the candidates are tried in order, each with
strict types first (a number is not a tensor); a second round takes numbers for tensors and 0-dim tensors for numbers. A
value of unknown kind fits anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradguard.torchfacts.kinds import ValueKind, fit
from gradguard.torchfacts.operator import Argument, Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


class _Plan(NamedTuple):
    operator: Operator
    sources: tuple[tuple[str, _Source], ...]
    uncertain: bool


class _Match(NamedTuple):
    operator: Operator
    sources: tuple[tuple[str, _Source], ...]
    certain: bool


class Bound(NamedTuple):
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
        fitting: list[_Match] = []
        for operator in candidates:
            match = _match(operator, kinds, keywords, lenient)
            if match is not None:
                fitting.append(match)
                if match.certain:
                    break
        if fitting:
            chosen = fitting[0].operator
            agreed = fitting[0].certain or all(
                _bookkeeping(match.operator) == _bookkeeping(chosen) for match in fitting[1:]
            )
            return _Plan(chosen, fitting[0].sources, uncertain=not (agreed and chosen.known))
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
        operator.may_save,
    )


def _match(
    operator: Operator, kinds: tuple[ValueKind, ...], keywords: dict[str, ValueKind], lenient: bool
) -> _Match | None:
    """Where each given argument's value stands, or None if the call does not fit the operator."""
    sources: list[tuple[str, _Source]] = []
    certain = True
    position = 0
    names = {_spelling(name, operator.arguments): name for name in keywords}
    for argument in operator.arguments:
        if not argument.keyword_only and position < len(kinds):
            if argument.variadic and _one_by_one(argument, kinds[position:]):
                sources.append((argument.name, slice(position, None)))
                position = len(kinds)
                continue
            kind = kinds[position]
            sources.append((argument.name, position))
            position += 1
        elif argument.name in names:
            keyword = names.pop(argument.name)
            kind = keywords[keyword]
            sources.append((argument.name, keyword))
        elif argument.required and not argument.variadic:
            return None
        else:
            continue
        fits = fit(argument.type, kind)
        if fits == "no" or (fits == "lenient" and not lenient):
            return None
        certain = certain and fits != "perhaps"
    if position < len(kinds) or names:
        return None
    return _Match(operator, tuple(sources), certain)


def _spelling(keyword: str, arguments: tuple[Argument, ...]) -> str:
    if any(argument.name == keyword for argument in arguments):
        return keyword
    return _SPELLINGS.get(keyword, keyword)


def _one_by_one(argument: Argument, kinds: tuple[ValueKind, ...]) -> bool:
    """Whether the values are written one by one (`x.view(2, 3)`), not as one list."""
    elements = ("tensor", "unknown") if argument.kind == "tensors" else ("int", "number", "tensor", "unknown")
    return kinds != ("unknown",) and all(kind.partition("/")[0] in elements for kind in kinds)
