"""The operators of one torch release, found by overload name or by the public name that a program calls.

The data files in `data/` are made by `tools/facts/generate.py` from the installed torch and checked against it by
`tools/facts/measure.py`. A file is read once; an operator is decoded when it is first asked for.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gradguard.torchfacts.binding import Candidates
from gradguard.torchfacts.encoding import decode
from gradguard.torchfacts.version import nearest_version

if TYPE_CHECKING:
    from gradguard.torchfacts.operator import Argument, Operator

_DATA = Path(__file__).parent / "data"
_PREFIX = "torch-"


class Catalog:
    """What is known of torch `version` (major and minor release: `2.13`)."""

    def __init__(self, version: str, operators: dict[str, str], names: dict[str, str]) -> None:
        """`operators`: encoded lines by overload name. `names`: candidates by public name, separated by blanks."""
        self.version = version
        self._lines = operators
        self._names = names
        self._operators: dict[str, Operator] = {}
        self._candidates: dict[str, Candidates] = {}

    @staticmethod
    def load(version: str | None = None) -> Catalog:
        """The facts for torch `version`: those of the nearest known release, the newest if `version` is None."""
        return _load(nearest_version(version, known_versions()))

    def operator(self, overload_name: str) -> Operator | None:
        """The operator called `mul.Tensor`, `exp_`, `torch.nn.functional.cross_entropy`, or None if there is none."""
        operator = self._operators.get(overload_name)
        if operator is None:
            line = self._lines.get(overload_name)
            if line is None:
                return None
            operator = self._operators[overload_name] = decode(overload_name, line)
        return operator

    def candidates(self, public_name: str) -> Candidates:
        """The overloads behind `torch.exp`, `Tensor.exp_`, `Tensor.__radd__`, … in the order of torch's parser.

        Empty if the name is not known. The same object at each call.
        """
        found = self._candidates.get(public_name)
        if found is None:
            references = self._names.get(public_name, "").split()
            is_method = public_name.startswith("Tensor.")
            found = Candidates([self._candidate(reference, is_method) for reference in references])
            self._candidates[public_name] = found
        return found

    def public_names(self) -> tuple[str, ...]:
        """Every public name with candidates."""
        return tuple(self._names)

    def operator_names(self) -> tuple[str, ...]:
        """Every operator's name."""
        return tuple(self._lines)

    def _candidate(self, reference: str, is_method: bool) -> Operator:
        """The operator for `overload`, or for `overload(a,b=)`: its positional arguments in Python's order."""
        name, _, order = reference.partition("(")
        operator = self.operator(name)
        if operator is None:
            raise ValueError(f"{reference}: no such operator")
        arguments = operator.arguments
        if order:
            arguments = _reordered(arguments, order.removesuffix(")").split(","))
        arguments = _with_variadic(arguments, is_method)
        return operator if arguments == operator.arguments else replace(operator, arguments=arguments)


def known_versions() -> tuple[str, ...]:
    """The torch releases there are facts for, oldest first."""
    versions = [path.stem.removeprefix(_PREFIX) for path in _DATA.glob(f"{_PREFIX}*.json")]
    return tuple(sorted(versions, key=lambda version: tuple(map(int, version.split(".")))))


@lru_cache(maxsize=4)
def _load(version: str) -> Catalog:
    with open(_DATA / f"{_PREFIX}{version}.json", encoding="utf-8") as file:
        data = json.load(file)
    return Catalog(version, data["operators"], data["names"])


def _reordered(arguments: tuple[Argument, ...], order: list[str]) -> tuple[Argument, ...]:
    by_name = {argument.name: argument for argument in arguments}
    first = [
        by_name.pop(token.removesuffix("="))._replace(keyword_only=False, required=not token.endswith("="))
        for token in order
    ]
    return (*first, *(argument._replace(keyword_only=True) for argument in by_name.values()))


def _with_variadic(arguments: tuple[Argument, ...], is_method: bool) -> tuple[Argument, ...]:
    """Mark the sizes that may be written one by one: torch allows it where they are the only positional argument."""
    positions = [i for i, argument in enumerate(arguments) if not argument.keyword_only]
    if len(positions) != 1 + is_method:
        return arguments
    index = positions[-1]
    if not arguments[index].type.startswith(("int[", "SymInt[")):
        return arguments
    return (*arguments[:index], arguments[index]._replace(variadic=True), *arguments[index + 1 :])
