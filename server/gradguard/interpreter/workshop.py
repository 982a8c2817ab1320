"""The layers of torch, each made once and copied in every run: what their constructors make of plain arguments depends on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from gradguard.interpreter.budget import DEFAULT
from gradguard.interpreter.choices import Oracle
from gradguard.interpreter.copying import deepcopy
from gradguard.interpreter.program import NoFiles
from gradguard.interpreter.values import PathEnded, Raised, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine
    from gradguard.torchfacts.catalog import Catalog

MOST_PATTERNS = 2048


class Workshop:
    """A machine on which nothing of a program runs, with what it has made by a key."""

    def __init__(self, catalog: Catalog) -> None:
        from gradguard.interpreter.machine import Machine  # a machine copies from here

        self._machine = Machine(NoFiles(), Oracle(), catalog, DEFAULT)
        self._patterns: dict[object, Value] = {}

    def copy(self, machine: Machine, key: object, make: Callable[[Machine], Value]) -> Value:
        """What `make` makes, as if `machine` had run it; `key`: all that it depends on."""
        pattern = self._patterns.get(key)
        if pattern is None:
            try:
                pattern = self._made(make)
            except (Raised, PathEnded):
                return make(machine)
            self._keep(key, pattern)
        return deepcopy(machine, pattern, made_by=self._machine)

    def _made(self, make: Callable[[Machine], Value]) -> Value:
        self._machine.steps = 0
        return make(self._machine)

    def _keep(self, key: object, pattern: Value) -> None:
        if len(self._patterns) >= MOST_PATTERNS:
            self._patterns.clear()
        self._patterns[key] = pattern


@lru_cache(maxsize=2)
def workshop(catalog: Catalog) -> Workshop:
    """The one for a version of torch."""
    return Workshop(catalog)
