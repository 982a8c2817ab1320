"""Make the data file of the installed torch: `python -m tools.facts.generate` (from the repository's root).

Writes `server/gradguard/torchfacts/data/torch-MAJOR.MINOR.json`: every operator that Python can reach, one line each in
the form of `gradguard.torchfacts.encoding`, and the public names with their candidates. What torch's tables say is taken
from them; what torch composes or writes in Python is measured (some minutes).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from tools.facts.calls import Call, Inputs
from tools.facts.composites import describe
from tools.facts.generated_code import derive, native_functions, overload_name
from tools.facts.isolation import isolated
from tools.facts.measurement import Observation, observe
from tools.facts.public_names import bound_names, by_overload, with_python_options
from tools.facts.python_functions import builtin_functionals, python_functions

from gradguard.torchfacts.catalog import Catalog
from gradguard.torchfacts.encoding import encode
from gradguard.torchfacts.operator import Operator

DATA = Path(__file__).parents[2] / "server/gradguard/torchfacts/data"
# What Python cannot call but models of its callers need: what torch's own C++ calls for a subscript with index tensors, for
# `x.to(…)` that changes something, and for the result of a folded `matmul`.
BEHIND_PYTHON = {
    "Tensor.__getitem__": "index.Tensor",
    "Tensor._to_copy": "_to_copy",
    "torch._unsafe_view": "_unsafe_view",
}
# Calls of one public name taken from the database.
LIMIT = 12
# Time for all calls of one public name.
SECONDS = 60


def data_file() -> Path:
    """Where the facts of the installed torch belong."""
    major, minor = torch.__version__.split(".")[:2]
    return DATA / f"torch-{major}.{minor}.json"


def derived_facts() -> tuple[dict[str, Operator], dict[str, list[str]]]:
    """Operators by name and candidates by public name, before measuring: composite ones and Python's are not `known`."""
    items = native_functions()
    functions = [item.func for item in items]
    operators = {overload_name(item.func): derive(item) for item in items}
    operators = with_python_options(functions, operators)
    names = bound_names(functions, operators)
    names |= {name: names[target] for name, target in builtin_functionals().items() if target in names}
    for name, _, operator in python_functions():
        operators[name], names[name] = operator, [name]
    names |= {name: [target] for name, target in BEHIND_PYTHON.items()}
    reachable = by_overload(names)
    return {name: operator for name, operator in operators.items() if name in reachable}, names


def catalog_of(operators: dict[str, Operator], names: dict[str, list[str]]) -> Catalog:
    """A catalog of facts that are still in the making."""
    lines = {name: encode(operator) for name, operator in operators.items()}
    return Catalog(torch.__version__, lines, {name: " ".join(candidates) for name, candidates in names.items()})


def observations(inputs: Inputs, names: Iterable[str]) -> tuple[list[Observation], Counter[str]]:
    """What the calls of `names` show, and how many calls torch refused, by public name and reason."""
    torch.set_num_threads(1)
    seen: list[Observation] = []
    refused: Counter[str] = Counter()
    for number, name in enumerate(names):
        found = isolated(lambda name=name: _observed(inputs, name), SECONDS)  # type: ignore[misc]
        if found is None:
            refused[f"{name}: the process died, or took longer than {SECONDS} s"] += 1
            continue
        for observation in found[0]:
            observation.call += number * 1000
        seen += found[0]
        refused += found[1]
    return seen, refused


def _observed(inputs: Inputs, name: str) -> tuple[list[Observation], Counter[str]]:
    seen: list[Observation] = []
    refused: Counter[str] = Counter()
    for number, call in enumerate(inputs.calls(name)):
        found = _observed_call(call)
        if isinstance(found, str):
            refused[f"{name}: {found}"] += 1
            continue
        for observation in found:
            observation.call = number
        seen += found
    return seen, refused


def _observed_call(call: Call) -> list[Observation] | str:
    """What the call shows, or the reason for which torch refuses it."""
    try:
        return list(observe(call))
    except Exception as error:
        return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')[:100]}"


def measured_facts(
    operators: dict[str, Operator], names: dict[str, list[str]], seen: Iterable[Observation]
) -> tuple[dict[str, Operator], dict[str, list[str]]]:
    """The facts with every composite operator described by the observations of it."""
    by_operator: defaultdict[str, list[Observation]] = defaultdict(list)
    for observation in seen:
        by_operator[observation.operator].append(observation)
    complete: dict[str, Operator] = {}
    cases: dict[str, list[str]] = {}
    for name, operator in operators.items():
        found = by_operator.get(name, [])
        described = [_shape_only(operator, found)] if operator.known or not found else describe(operator, found)
        complete |= {case.name: case for case in described}
        cases[name] = [case.name for case in described]
    return complete, {
        name: [_reference(complete[case], order) for c in candidates for case, order in _expanded(c, cases)]
        for name, candidates in names.items()
    }


def _shape_only(operator: Operator, seen: list[Observation]) -> Operator:
    """Mark the saved arguments whose values no call could be shown to need."""
    telling = [observation for observation in seen if not observation.empty]
    unused = {s.name for s in operator.saved if any(s.name in o.shape_only for o in telling)}
    unused -= {s.name for s in operator.saved if any(s.name in o.used for o in telling)}
    return replace(operator, saved=tuple(replace(s, values_used=s.name not in unused) for s in operator.saved))


def _expanded(candidate: str, cases: dict[str, list[str]]) -> Iterable[tuple[str, str]]:
    name, _, order = candidate.partition("(")
    return ((case, order.removesuffix(")")) for case in cases[name])


def _reference(operator: Operator, order: str) -> str:
    """The candidate, its positional order without the arguments that this case leaves out."""
    kept = {argument.name for argument in operator.arguments}
    tokens = [token for token in order.split(",") if token.removesuffix("=") in kept]
    return f"{operator.name}({','.join(tokens)})" if tokens else operator.name


def write(operators: dict[str, Operator], names: dict[str, list[str]], path: Path) -> None:
    """Write the data file, sorted, one entry a line, so that a change shows as a small difference."""
    data = {
        "torch": torch.__version__.partition("+")[0],
        "operators": {name: encode(operators[name]) for name in sorted(operators)},
        "names": {name: " ".join(names[name]) for name in sorted(names)},
    }
    path.write_text(json.dumps(data, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    operators, names = derived_facts()
    composite = frozenset(name for name, operator in operators.items() if not operator.known)
    inputs = Inputs(catalog_of(operators, names), LIMIT, composite)
    seen, refused = observations(inputs, inputs.names())
    operators, names = measured_facts(operators, names, seen)
    write(operators, names, data_file())
    unknown = sum(not operator.known for operator in operators.values())
    print(f"{len(seen)} observations, {sum(refused.values())} calls refused by torch")
    print(f"{data_file().name}: {len(operators)} operators ({unknown} of unknown behaviour), {len(names)} public names")


if __name__ == "__main__":
    main()
