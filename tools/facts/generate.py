"""Make the data file of the installed torch: `python -m tools.facts.generate` (from the repository's root).

Writes `server/gradguard/torchfacts/data/torch-MAJOR.MINOR.json`: every operator that Python can reach, one line each in
the form of `gradguard.torchfacts.encoding`, and the public names with their candidates.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from tools.facts.generated_code import derive, native_functions, overload_name
from tools.facts.public_names import bound_names, by_overload, with_python_options

from gradguard.torchfacts.encoding import encode

if TYPE_CHECKING:
    from gradguard.torchfacts.operator import Operator

DATA = Path(__file__).parents[2] / "server/gradguard/torchfacts/data"


def data_file() -> Path:
    """Where the facts of the installed torch belong."""
    major, minor = torch.__version__.split(".")[:2]
    return DATA / f"torch-{major}.{minor}.json"


def derived_facts() -> tuple[dict[str, Operator], dict[str, list[str]]]:
    """Operators by name and candidates by public name, as torch's tables give them; composite ones are not `known`."""
    items = native_functions()
    functions = [item.func for item in items]
    operators = {overload_name(item.func): derive(item) for item in items}
    operators = with_python_options(functions, operators)
    names = bound_names(functions, operators)
    reachable = by_overload(names)
    return {name: operator for name, operator in operators.items() if name in reachable}, names


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
    write(operators, names, data_file())
    unknown = sum(not operator.known for operator in operators.values())
    print(f"{data_file().name}: {len(operators)} operators ({unknown} of unknown behaviour), {len(names)} public names")


if __name__ == "__main__":
    main()
