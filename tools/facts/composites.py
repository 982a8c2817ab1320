"""Operators that torch composes from smaller ones, described by what was observed of them.

An operator keeps an argument for certain only if every observation shows it; what only some show goes to `may_save`. Where
a flag, the presence of an argument or a tensor's rank explains the difference, the operator is described case by case.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tools.facts.measurement import Observation

from gradguard.torchfacts.encoding import argument_kind
from gradguard.torchfacts.kinds import ORDINARY
from gradguard.torchfacts.operator import Argument, Operator, SavedArgument, ViewKind

_ABSENT = "absent"
_TYPES = {"true": "True", "false": "False", "none": "None", "number": "Scalar", "ints": "int[]", "dtype": "ScalarType"}
_DESCRIPTIONS = ("rank", "of", *ORDINARY)
_DEPTH = 5


def describe(operator: Operator, seen: Sequence[Observation]) -> list[Operator]:
    """`operator` completed from the observations of it: the special cases first, the case for every other call last."""
    telling = [observation for observation in seen if not observation.empty] or list(seen)
    operator = replace(operator, arguments=_typed(operator.arguments, telling))
    general = _complete(operator, telling)
    if "out" in operator.writes and general.node is not None:
        # It takes tensors that require grad, against torch's rule for out=, and too few calls of it are made to say how.
        return [replace(general, known=False)]
    doubts = _doubts(operator, telling)
    cases: list[Operator] = []
    for case in _cases(_Case(operator, telling, telling), _DEPTH):
        if case.operator.name != operator.name and _doubts(case.operator, case.seen) < doubts:
            view, view_of = _view(case.operator, case.flagged, general.returns_list and case.operator.returns_list)
            special = replace(_complete(case.operator, case.seen), view=view, view_of=view_of)
            cases.append(replace(special, known=not _sometimes_written(special, case.seen)))
    # Facts have no word for an argument that is written now and then.
    return [*cases, replace(general, known=not _sometimes_written(general, telling))]


@dataclass(frozen=True)
class _Case:
    """Some of the calls of an operator, and the observations of them.

    `flagged`: those of all calls with the same flags, whatever their tensors look like. Only these tell about views: the
    few ranks and layouts tried would prove too much.
    """

    operator: Operator
    seen: list[Observation]
    flagged: list[Observation]

    @property
    def calls(self) -> int:
        return len({observation.call for observation in self.seen})


def _complete(operator: Operator, seen: Sequence[Observation]) -> Operator:
    requiring = [observation for observation in seen if observation.needs]
    tracked = [observation for observation in requiring if not observation.opaque]
    differentiable = tuple(
        a.name for a in operator.arguments if any(observation.needs == {a.name} for observation in requiring)
    )
    counts = {len(observation.differentiable_results) for observation in seen}
    returns_list = operator.returns_list or len(counts) > 1
    results = 1 if returns_list else max(counts)
    flags = [observation.differentiable_results for observation in requiring]
    can_require = [any(i < len(f) and f[i] for f in flags) for i in range(max(counts))]
    saved = tuple(s for a in operator.arguments if (s := _saved(a.name, tracked, differentiable)) is not None)
    kept = (
        ()
        if returns_list
        else tuple(i for i in range(results) if _always(tracked, lambda o, i=i: i in o.saved_results))
    )
    view, view_of = _view(operator, seen, returns_list)
    written = tuple(
        a.name for a in operator.arguments if _always(_given(seen, a.name), lambda o, n=a.name: n in o.written)
    )
    silent = tuple(
        a.name for a in operator.arguments if _always(_given(seen, a.name), lambda o, n=a.name: n in o.silently)
    )
    nodes = Counter(observation.node for observation in requiring)
    bare = [o for o in tracked if not o.partly and not o.saved_results]
    return replace(
        operator,
        results=results,
        node=nodes.most_common(1)[0][0] if nodes else None,
        differentiable=differentiable,
        differentiable_results=(any(can_require),) if returns_list else tuple(can_require),
        saved=saved,
        saved_results=kept,
        saves_private=_always(bare, lambda o: o.single_use),
        writes=written or silent,
        bumps=bool(written) or not silent,
        view=view,
        view_of=view_of,
        returns_list=returns_list,
        known=True,
        may_save=tuple(sorted(_sometimes_saved(tracked, saved, kept))),
    )


def _saved(name: str, tracked: Sequence[Observation], differentiable: tuple[str, ...]) -> SavedArgument | None:
    """How surely `name` is kept: always, when certain arguments need a gradient, or (None) not for sure."""
    relevant = _given(tracked, name)
    telling = [o for o in relevant if not o.empty]  # where there are no numbers, none is shown to matter
    used = not telling or any(name in o.used for o in telling)
    if _always(relevant, lambda o: name in o.saved):
        return SavedArgument(name, values_used=used)
    guards = tuple(
        d for d in differentiable if _always([o for o in relevant if d in o.needs], lambda o: name in o.saved)
    )
    return SavedArgument(name, guards, values_used=used) if guards else None


def _sometimes_saved(
    tracked: Sequence[Observation], saved: tuple[SavedArgument, ...], kept: Sequence[int]
) -> Iterator[str]:
    """What some observation shows as kept beyond what `saved` and `kept` promise."""
    promised = {s.name: frozenset(s.only_if) for s in saved}
    found: set[str] = set()
    for o in tracked:
        for name in o.partly:
            guards = promised.get(name)
            if guards is None or (guards and not guards & o.needs):
                found.add(name)
        found.update(f"result{i}" for i in o.saved_results if i not in kept)
    return iter(found)


def _given(seen: Sequence[Observation], name: str) -> list[Observation]:
    return [o for o in seen if name in o.given]


def _always(seen: Sequence[Observation], holds: Callable[[Observation], bool]) -> bool:
    """Whether there are observations and `holds` is true of each."""
    return bool(seen) and all(holds(o) for o in seen)


def _view(operator: Operator, seen: Sequence[Observation], returns_list: bool) -> tuple[ViewKind, str | None]:
    """What the results are views of, leaving out a written argument that is handed back."""
    relations: set[tuple[str, str] | None] = set()
    for o in seen:
        of = [v for v in o.views.values() if v[0] not in o.written]
        whole = len(of) == len(o.differentiable_results) and len(set(of)) == 1
        relations.add(of[0] if whole or (of and not returns_list) else None)
    viewed = sorted({relation[0] for relation in relations if relation is not None})
    if not viewed:
        # The schema allows an alias that no call happened to show: `x.to(dtype)` of a tensor that has it.
        return operator.view, operator.view_of
    hows = {relation[1] for relation in relations if relation is not None}
    if None in relations or len(viewed) > 1 or len(hows) > 1 or "same" in hows:
        return "maybe", viewed[0]
    return ("multi" if hows == {"multi"} else "always"), viewed[0]


def _cases(case: _Case, depth: int) -> list[_Case]:
    """Split the case, as often as it helps, by the property of an argument that leaves the fewest doubts."""
    if not depth or not _doubts(case.operator, case.seen):
        return [case]
    best = _best_split(case) or _by_rank(case)
    return [smaller for group in best for smaller in _cases(group, depth - 1)] if best else [case]


def _best_split(case: _Case) -> list[_Case]:
    """The split that leaves the fewest doubts over all calls; nothing if none leaves fewer than the case has."""
    fewest = _doubts(case.operator, case.seen) * case.calls
    other = fewest - _saving_doubts(case.operator, case.seen) * case.calls
    best: list[_Case] = []
    for groups, by_value in _groupings(case, ("value", *_DESCRIPTIONS)):
        if by_value:
            left = sum(_doubts(group.operator, group.seen) * group.calls for group in groups)
        else:
            left = sum(_saving_doubts(group.operator, group.seen) * group.calls for group in groups) + other
        if left < fewest:
            fewest, best = left, groups
    return best


def _by_rank(case: _Case) -> list[_Case]:
    """The case split by a rank where that helps only together with one more property: what torch composes, it chooses by rank."""
    fewest, best = _saving_doubts(case.operator, case.seen) * case.calls, list[_Case]()
    for groups, _ in _groupings(case, ("rank",)):
        left = sum(_fewest_saving_doubts(group) for group in groups)
        if left < fewest:
            fewest, best = left, groups
    return best


def _fewest_saving_doubts(case: _Case) -> int:
    """What one more split of the case would leave open at best, over all its calls."""
    return min(
        sum(_saving_doubts(group.operator, group.seen) * group.calls for group in groups)
        for groups in ([case], *(groups for groups, _ in _groupings(case, _DESCRIPTIONS)))
    )


def _groupings(case: _Case, aspects: Iterable[str]) -> Iterator[tuple[list[_Case], bool]]:
    """The ways to split the case by one of `aspects`, and whether that is the value.

    A group that nothing can tell apart is left to the case for every other call.
    """
    for argument in case.operator.arguments:
        for aspect in aspects:
            by_value = aspect == "value"
            groups: defaultdict[str, list[Observation]] = defaultdict(list)
            for o in case.seen:
                kind = _aspect(o, argument.name, aspect)
                # Facts have one word for None, be it written or left out.
                groups[_ABSENT if by_value and kind == "none" and argument.type.endswith("?") else kind].append(o)
            # A property that only one value has tells no more than that the argument is given.
            if len(groups) < 2 or (not by_value and sum(kind != "" for kind in groups) < 2):
                continue
            joined = _joined(case.operator, groups) if by_value else [(frozenset({k}), f) for k, f in groups.items()]
            split = [
                _Case(_restricted(case.operator, argument, aspect, kinds), found, found if by_value else case.flagged)
                for kinds, found in joined
                if "" not in kinds
            ]
            yield [group for group in split if by_value or group.calls > 1], by_value


def _aspect(observation: Observation, name: str, aspect: str) -> str:
    """The value's kind, or one property of a tensor; empty if it is nothing a case can be told by."""
    kind, *described = observation.kinds.get(name, _ABSENT).split("/")
    if aspect == "value":
        kind = "number" if kind in ("int", "float") else kind
        return kind if kind in _TYPES or kind in (_ABSENT, "tensor") or (kind[:4] == "str=" and " " not in kind) else ""
    if kind != "tensor":
        return ""
    return (ORDINARY | dict(d.split("=") for d in described)).get(aspect, "")


def _joined(operator: Operator, groups: dict[str, list[Observation]]) -> list[tuple[frozenset[str], list[Observation]]]:
    """The groups; `absent` joined with a kind of the same behaviour, most likely its default."""
    absent = groups.get(_ABSENT)
    joined = [(frozenset({kind}), found) for kind, found in groups.items() if kind != _ABSENT]
    if absent is None:
        return joined
    behaviour = _behaviour(_complete(operator, absent))
    for i, (kinds, found) in enumerate(joined):
        if _behaviour(_complete(operator, found)) == behaviour and "" not in kinds and "tensor" not in kinds:
            joined[i] = (kinds | {_ABSENT}, found + absent)
            return joined
    return [*joined, (frozenset({_ABSENT}), absent)]


def _behaviour(operator: Operator) -> Operator:
    return replace(operator, node=operator.node and "")


def _saving_doubts(operator: Operator, seen: Sequence[Observation]) -> int:
    return len(_complete(operator, seen).may_save)


def _doubts(operator: Operator, seen: Sequence[Observation]) -> int:
    """How much the observations leave open: what is saved, written, returned or viewed in some calls and not in others."""
    described = _complete(operator, seen)
    lengths = 1 if operator.returns_list else len({len(o.differentiable_results) for o in seen})
    sometimes_written = len(_sometimes_written(described, seen))
    return len(described.may_save) + sometimes_written + (described.view == "maybe") + 2 * (lengths - 1)


def _sometimes_written(described: Operator, seen: Sequence[Observation]) -> frozenset[str]:
    written = [o.written | o.silently for o in seen]
    return frozenset().union(*written) - frozenset(described.writes)


def _restricted(operator: Operator, argument: Argument, aspect: str, kinds: frozenset[str]) -> Operator:
    """`operator` for calls in which that aspect of `argument` is one of `kinds` (one, or one and absent)."""
    kind = next((k for k in sorted(kinds) if k != _ABSENT), None)
    if kind is None and argument.type.endswith("?"):
        kind, kinds = "none", kinds | {"none"}  # left out, or its default written
    if aspect != "value":
        type_ = f"{argument.type.removesuffix('?')}/{aspect}={kind}"
    elif kind == "tensor":
        type_ = "Tensor"
    else:
        type_ = _TYPES.get(kind or "", kind or "")
    arguments = tuple(
        replace(a, type=type_, kind=argument_kind(type_), required=a.required or _ABSENT not in kinds)
        if a.name == argument.name
        else a
        for a in operator.arguments
        if a.name != argument.name or kind is not None
    )
    label = _ABSENT if kind is None else f"{aspect}={kind}" if aspect != "value" else type_.removeprefix("str=")
    return replace(operator, name=f"{operator.name}[{argument.name}:{label}]", arguments=arguments)


def _typed(arguments: tuple[Argument, ...], seen: Sequence[Observation]) -> tuple[Argument, ...]:
    """An untyped argument that was seen as a tensor takes one (and leniently a number)."""
    return tuple(
        replace(a, type="Tensor?", kind="tensor?")
        if a.type == "Any" and any(o.kinds.get(a.name, "").startswith("tensor/") for o in seen)
        else a
        for a in arguments
    )
