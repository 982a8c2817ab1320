"""Make the data file of the installed torch: `python -m tools.facts.generate` (from the repository's root).

Writes `server/gradguard/torchfacts/data/torch-MAJOR.MINOR.json`: every operator that Python can reach, one line each in
the form of `gradguard.torchfacts.encoding`, and the public names with their candidates. What torch's tables say is taken
from them; what torch composes or writes in Python is measured (half an hour of one processor).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from tools.facts.calls import Inputs
from tools.facts.composites import describe
from tools.facts.generated_code import derive, native_functions, overload_name
from tools.facts.measurement import Observation
from tools.facts.observations import collect, kept
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
        described = [_confirmed(operator, found)] if operator.known or not found else describe(operator, found)
        complete |= {case.name: case for case in described}
        cases[name] = [case.name for case in described]
    return complete, {
        name: [_reference(complete[case], order) for c in candidates for case, order in _expanded(c, cases)]
        for name, candidates in names.items()
    }


def _confirmed(operator: Operator, seen: list[Observation]) -> Operator:
    """Mark the saved arguments whose values no call could be shown to need; claim nothing if it hands back what it must not."""
    handed_back = operator.view == "never" and any(
        how == "same" and name not in o.written for o in seen if o.needs for name, how in o.views.values()
    )
    telling = [observation for observation in seen if not observation.empty]
    unused = {s.name for s in operator.saved if any(s.name in o.shape_only for o in telling)}
    unused -= {s.name for s in operator.saved if any(s.name in o.used for o in telling)}
    saved = tuple(replace(s, values_used=s.name not in unused) for s in operator.saved)
    return replace(operator, saved=saved, known=operator.known and not handed_back)


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observations", type=Path, help="file that keeps what calls show; read if it exists")
    options = parser.parse_args()
    operators, names = derived_facts()
    composite = frozenset(name for name, operator in operators.items() if not operator.known)
    inputs = Inputs(catalog_of(operators, names), LIMIT, composite)
    found = kept(options.observations, lambda: collect(inputs, inputs.names()))
    operators, names = measured_facts(operators, names, found.seen)
    write(operators, names, data_file())
    unknown = sum(not operator.known for operator in operators.values())
    print(f"{len(found.seen)} observations, {found.refused.total()} calls refused by torch")
    print(f"{data_file().name}: {len(operators)} operators ({unknown} of unknown behaviour), {len(names)} public names")


if __name__ == "__main__":
    main()
