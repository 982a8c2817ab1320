"""Check the committed facts against the installed torch: `python -m tools.facts.measure [NAME ...]` (some minutes).

Every public name is called as `tools.facts.calls` knows how, with each set of arguments requiring a gradient; what is then
observed must be what the facts say of the overload that `bind` picks. Prints each disagreement and ends with the line

    operators=… measured=… names=… observations=… disagreements=…

and status 1 if there is any. `--unmeasured FILE` writes down what could not be measured, and why; `--observations FILE` takes
what calls show from the file that `tools.facts.generate` kept, which takes seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from tools.facts.calls import Inputs
from tools.facts.generate import derived_facts
from tools.facts.measurement import Observation
from tools.facts.observations import collect, kept

from gradguard.torchfacts.binding import bind
from gradguard.torchfacts.catalog import Catalog
from gradguard.torchfacts.operator import Operator, SavedArgument

LIMIT = 10


def disagreements(operator: Operator, seen: Observation, composite: bool) -> Iterator[str]:
    """What `seen` shows and `operator` denies, or the other way round."""
    if not operator.known or (composite and seen.empty):
        return
    if operator.name.startswith("_foreach_"):
        # The facts are those of one element: only where every element requires a gradient do they fit the lists as a whole.
        if seen.whole and seen.needs and not seen.opaque:
            yield from _about_arguments(operator, seen)
        return
    yield from _about_saving(operator, seen, composite)
    yield from _about_views(operator, seen)
    writes = frozenset(operator.writes) & seen.given
    if operator.bumps and not writes <= seen.written:
        yield f"does not write {sorted(writes - seen.written)}"
    if not seen.written <= frozenset(operator.writes):
        yield f"writes {sorted(seen.written - frozenset(operator.writes))}"
    untouched = operator.node is None and "same" in {how for _, how in seen.views.values()}
    if not operator.returns_list and seen.needs and not untouched:
        for index, differentiable in enumerate(seen.differentiable_results):
            if differentiable and not (index < operator.results and operator.differentiable_results[index]):
                yield f"result {index} requires grad"


def _about_arguments(operator: Operator, seen: Observation) -> Iterator[str]:
    kept = {
        n for n, s in _promised(operator, seen).items() if not s.clone and n in seen.given and n not in seen.written
    }
    if kept - seen.saved:
        yield f"does not save {sorted(kept - seen.saved)}"
    if seen.partly - kept - frozenset(operator.may_save):
        yield f"saves {sorted(seen.partly - kept - frozenset(operator.may_save))}"


def _promised(operator: Operator, seen: Observation) -> dict[str, SavedArgument]:
    """The arguments that the node keeps if `seen.needs` require a gradient."""
    return {s.name: s for s in operator.saved if not s.only_if or frozenset(s.only_if) & seen.needs}


def _about_saving(operator: Operator, seen: Observation, composite: bool) -> Iterator[str]:
    if not seen.needs or seen.opaque:
        return
    yield from _about_arguments(operator, seen)
    promised = _promised(operator, seen)
    unread = {s.name for s in promised.values() if not s.values_used} & seen.used
    if unread:
        yield f"reads the values of {sorted(unread)}"
    doubtful = {index for index in range(operator.results) if f"result{index}" in operator.may_save}
    if not operator.returns_list and frozenset(operator.saved_results) != seen.saved_results - doubtful:
        yield f"saves the results {sorted(seen.saved_results)}"
    numbers = {n for n in promised if seen.kinds.get(n) in ("int", "float", "true", "false")}
    tensors = {n for n in promised if n in seen.given}
    once = bool(operator.saves_private or tensors or operator.saved_results or numbers)
    if once and not seen.single_use:
        yield "can be run backward twice"
    if not composite and not once and seen.single_use:
        yield "cannot be run backward twice"
    untouched = operator.node is None and "same" in {how for _, how in seen.views.values()}
    if not composite and seen.node != operator.node and not untouched:
        yield f"makes the node {seen.node}"


def _about_views(operator: Operator, seen: Observation) -> Iterator[str]:
    if operator.view == "maybe" or operator.view_of in operator.writes:
        return
    relations = {i: v for i, v in seen.views.items() if v[0] not in seen.written}
    if operator.view == "never":
        if relations:
            yield f"returns views {relations}"
        return
    wanted = "multi" if operator.view == "multi" else "view"
    for index in range(len(seen.differentiable_results)):
        name, how = relations.get(index, ("", ""))
        if name != operator.view_of or (how != wanted and seen.needs):
            yield f"result {index} is no {operator.view} view of {operator.view_of}"


def _bound_anew(catalog: Catalog, seen: Observation) -> Observation:
    """The observation with the case of its operator that the facts now have for such a call."""
    bound = bind(catalog.candidates(seen.name), (), seen.kinds, lambda kind: kind)
    return seen if bound is None else replace(seen, operator=bound.operator.name)


def _reason(operator: Operator, refused: list[str]) -> str:
    if refused:
        return f"torch refuses every call tried: {refused[0]}"
    if "out" in operator.writes:
        return "an out= form for which no call of the plain form was found"
    return "no call is known that torch takes"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="public names; all if none is given")
    parser.add_argument("--limit", type=int, default=LIMIT, help="calls of one name taken from torch's database")
    parser.add_argument("--unmeasured", type=Path, help="write what could not be measured to this file")
    parser.add_argument("--observations", type=Path, help="file that keeps what calls show; read if it exists")
    options = parser.parse_args()
    catalog = Catalog.load(torch.__version__)
    composite = frozenset(name for name, operator in derived_facts()[0].items() if not operator.known)
    inputs = Inputs(catalog, options.limit, composite)
    collected = kept(options.observations, lambda: collect(inputs, options.names or inputs.names()))
    seen = [_bound_anew(catalog, observation) for observation in collected.seen]
    found: Counter[tuple[str, str]] = Counter()
    for observation in seen:
        operator = catalog.operator(observation.operator)
        if operator is not None:
            is_composite = operator.name.partition("[")[0] in composite
            for claim in disagreements(operator, observation, is_composite):
                found[operator.name, f"{claim}, called as {observation.name} with {sorted(observation.needs)}"] += 1
    for (name, claim), count in sorted(found.items()):
        print(f"{name}: {claim} ({count} times)")
    measured = {observation.operator for observation in seen}
    if options.unmeasured:
        options.unmeasured.write_text(_unmeasured(catalog, measured, collected.refused), encoding="utf-8")
    print(
        f"operators={len(catalog.operator_names())} measured={len(measured)} "
        f"names={len({observation.name for observation in seen})} observations={len(seen)} "
        f"disagreements={sum(found.values())}"
    )
    return 1 if found else 0


def _unmeasured(catalog: Catalog, measured: set[str], refused: Counter[str]) -> str:
    """A Markdown list of the operators without an observation, by reason."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for public in catalog.public_names():
        for operator in catalog.candidates(public):
            names[operator.name].append(public)
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for name in catalog.operator_names():
        operator = catalog.operator(name)
        if operator is not None and name not in measured:
            told = [text.split(": ", 1)[1] for text in refused if text.split(": ", 1)[0] in names[name]]
            by_reason[_reason(operator, told)].append(f"`{name}`" + ("" if operator.known else " (behaviour unknown)"))
    lines = [
        "# Operators that could not be measured",
        "",
        f"Torch {catalog.version}. Written by `tools.facts.measure`.",
        "",
    ]
    for reason, operators in sorted(by_reason.items()):
        lines += [f"## {reason}", "", ", ".join(sorted(operators)), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
