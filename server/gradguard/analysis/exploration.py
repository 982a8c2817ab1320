"""One entry: runs its paths worth trying, and says what each hazard rests on."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradguard.analysis.entries import MODULE, Entry, is_forward, is_inner, run_entry
from gradguard.analysis.mistakes import identity
from gradguard.analysis.records import merged, place_key, records_of, unreported
from gradguard.analysis.reports import EntryReport, standing_of
from gradguard.analysis.results import Assumption, Found
from gradguard.interpreter.budget import Budget, Interrupted
from gradguard.interpreter.choices import Choice, Oracle
from gradguard.interpreter.machine import Machine
from gradguard.interpreter.reads import Reads, Script
from gradguard.interpreter.sites import Site
from gradguard.interpreter.values import PathEnded
from gradguard.tape.hazards import Hazard
from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from gradguard.analysis.results import WriteRecord
    from gradguard.interpreter.program import Program
    from gradguard.text.chunks import Chunk
    from gradguard.text.source import SourceFile

MOST_CONDITIONS = 2
"""A hazard that needs more unknown conditions than this is not reported: the path may be impossible."""

Flips = tuple[tuple[object, bool], ...]


class Run:
    """One path of an entry, run to its end."""

    def __init__(self, machine: Machine, flips: Flips) -> None:
        self.flips = flips
        self.choices: list[Choice] = machine.oracle.to_flip()
        self.hazards: dict[object, Hazard] = {}
        for hazard in machine.hazards:
            self.hazards.setdefault(identity(hazard), hazard)
        self.about_tensors = machine.operations > 0


@contextmanager
def _no_collector() -> Iterator[None]:
    """Within it, Python's collector does not run.

    It would close what is left of the program's generators, and so run their `finally`, at a moment that depends on the process.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Exploration:
    """The paths of one entry: the default one, then those with one choice flipped, within the budget."""

    def __init__(
        self,
        entry: Entry,
        source: SourceFile,
        program: Program,
        catalog: Catalog,
        budget: Budget,
        interrupted: Callable[[], bool],
    ) -> None:
        self._interrupted = interrupted
        self._entry = entry
        self._source = source
        self._program = program
        self._catalog = catalog
        self._budget = budget
        self._runs: dict[Flips, Run] = {}
        self._reads = Reads()
        self._bodies: set[Chunk] = set()
        self._covered: set[str] = set()
        self._writes: list[WriteRecord] = []
        self._log: list[str] = []
        self._steps = 0
        self._complete = True

    def report(self) -> EntryReport:
        """Explore, and judge what was found."""
        if self._interrupted():
            raise Interrupted
        default = self._run(())
        known = {c.place for c in default.choices}
        near, far = self._flipped(default.choices, ())
        while near or far:
            # What a script reports is about itself and about tensors: other conditions are tried only where that is cheap.
            limit = self._budget.total if near and default.about_tensors else self._budget.steps
            if len(self._runs) >= self._budget.runs or self._steps > limit:
                self._complete = False
                untried = len(near) + len(far)
                self._log.append(f"{self._entry.name}: the budget is spent; {untried} conditions were not tried")
                break
            flips = (near or far).pop(0)
            run = self._run(flips)
            if len(flips) < MOST_CONDITIONS:
                more = self._flipped([c for c in run.choices if c.place not in known], flips)
                near += more[0]
                far += more[1]
        found = self._judged(default)
        writes = self._recorded(found)
        if self._entry.name == MODULE:
            self._reads.scripts[self._source.path] = Script(self._source.chunks, frozenset(self._bodies))
        return EntryReport(
            self._entry.name,
            tuple(found),
            writes,
            standing_of(found, writes),
            frozenset(self._covered),
            self._reads,
            self._steps,
            self._complete,
            tuple(self._log),
        )

    def _flipped(self, choices: list[Choice], flips: Flips) -> tuple[list[Flips], list[Flips]]:
        """The paths that begin where `flips` lead, at the conditions of the file itself and elsewhere.

        A script is followed everywhere, a function's own file decides on it.
        """
        near: list[Flips] = []
        far: list[Flips] = []
        for choice in choices:
            if choice.kind == "requires_grad":
                continue
            path = (*flips, (choice.place, not choice.value))
            if choice.path in ("", self._source.path):
                near.append(path)
            elif self._entry.name == MODULE:
                far.append(path)
        return near, far

    def _run(self, flips: Flips) -> Run:
        run = self._runs.get(flips)
        if run is not None:
            return run
        machine = Machine(self._program, Oracle(dict(flips)), self._catalog, self._budget, self._interrupted)
        with _no_collector():
            try:
                run_entry(machine, self._entry, self._source)
            except PathEnded as ended:
                machine.note(f"{self._entry.name}: {ended}")
            except RecursionError:
                machine.note(f"{self._entry.name}: nested too deeply")
            except Exception as problem:
                machine.note(f"{self._entry.name}: internal error, {type(problem).__name__}: {problem}")
                self._complete = False
            finally:
                machine.end()
        run = Run(machine, flips)
        self._runs[flips] = run
        self._steps += machine.steps
        self._reads.merge(machine.reads)
        self._bodies |= machine.bodies
        self._covered |= machine.covered_names(self._source.path)
        self._writes.extend(records_of(machine, self._source.path))
        self._log.extend(line for line in machine.log if line not in self._log)
        return run

    def _recorded(self, found: list[Found]) -> tuple[WriteRecord, ...]:
        """Every write once; one whose hazard was left out is unknown."""
        told = {place_key(write.origin) for each in found if (write := getattr(each.hazard, "write", None)) is not None}
        return tuple(
            record if record.verdict != "hazard" or place_key(record.site) in told else unreported(record)
            for record in merged(self._writes)
        )

    def _judged(self, default: Run) -> list[Found]:
        """Each hazard with the assumptions that it rests on; what rests on too much is left out."""
        found: list[Found] = []
        seen: set[object] = set()
        for run in list(self._runs.values()):
            for key, hazard in run.hazards.items():
                if key in seen:
                    continue
                seen.add(key)
                assumptions = self._assumptions(key, hazard, run)
                if assumptions is not None:
                    found.append(Found(hazard, assumptions))
        return found

    def _assumptions(self, key: object, hazard: Hazard, run: Run) -> tuple[Assumption, ...] | None:
        """What `hazard`, first met in `run`, rests on: the choices whose flipping makes it vanish."""
        assumptions: list[Assumption] = []
        conditions = 0
        flipped_places = {place for place, _ in run.flips}
        for choice in run.choices:
            if choice.kind == "guard" and choice.place not in flipped_places:
                continue
            flipped = (*(f for f in run.flips if f[0] != choice.place), (choice.place, not choice.value))
            other = self._run(flipped) if choice.kind == "requires_grad" else self._runs.get(flipped)
            if other is None and len(self._runs) < 2 * self._budget.runs and self._steps < 2 * self._budget.total:
                other = self._run(flipped)
            if other is not None and key in other.hazards:
                continue
            if choice.kind == "requires_grad":
                assumptions.append(Assumption("requires_grad", choice.text, choice.value))
            else:
                conditions += 1
                assumptions.append(Assumption("condition", choice.text, choice.value))
        backward = getattr(hazard, "backward", None)
        site = backward.origin if backward is not None else None
        assumed = isinstance(site, Site) and site.kind == "assumed"
        if conditions > (1 if assumed else MOST_CONDITIONS):
            return None
        if backward is None and self._entry.node is not None and not is_forward(self._entry.name):
            # What a plain function is handed requires grad only ordinarily if it is trained through.
            if is_inner(self._entry) or self._rests_on_gradients(key, run):
                return None
        if assumed:
            assumptions.append(Assumption("backpropagated", self._entry.name.rpartition(".")[2]))
        return tuple(assumptions)

    def _rests_on_gradients(self, key: object, run: Run) -> bool:
        """Whether a hazard vanishes when no argument requires grad; of several each may be enough for it."""
        changed = tuple((c.place, not c.value) for c in run.choices if c.kind == "requires_grad" and c.value)
        places = {place for place, _ in changed}
        return key not in self._run((*(f for f in run.flips if f[0] not in places), *changed)).hazards
