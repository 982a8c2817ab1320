"""The analysis of a file: its entries, of which only those are run that read something which has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from itertools import chain
from typing import TYPE_CHECKING

from gradguard.analysis.entries import Entries, Entry
from gradguard.analysis.exploration import Exploration
from gradguard.analysis.reports import EntryReport, FileAnalysis
from gradguard.analysis.unfinished import Unfinished
from gradguard.interpreter.budget import DEFAULT, Budget, Interrupted, for_function, never
from gradguard.interpreter.reads import Readers, Reads
from gradguard.text.tables import version_after
from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from gradguard.interpreter.program import Program
    from gradguard.text.source import SourceFile


def analyse_file(
    source: SourceFile,
    program: Program,
    previous: FileAnalysis | None = None,
    *,
    torch_version: str | None = None,
    budget: Budget = DEFAULT,
    interrupted: Callable[[], bool] = never,
) -> FileAnalysis:
    """Analyse `source`; entries of `previous` whose reads still hold are taken over as they are.

    Raises Unfinished (or Interrupted, before any entry was run) when `interrupted`, which is asked now and then, becomes true.
    """
    catalog = Catalog.load(torch_version)
    plan = Entries(source, previous.plan if previous is not None else None, interrupted)
    stale = previous.readers.stale(program) if previous is not None else set()
    before = previous.reports if previous is not None else {}
    renewed: dict[str, EntryReport] = {}

    def run(entry: Entry) -> EntryReport:
        if entry.name not in renewed:
            allowed = budget if entry.node is None or budget is not DEFAULT else for_function(_length(entry))
            renewed[entry.name] = Exploration(entry, source, program, catalog, allowed, interrupted).report()
        return renewed[entry.name]

    if previous is not None and previous.whole and plan.alike:
        gone = {name: before[name] for name in plan.gone if name in before}
        if _only_these(plan, before, gone, stale, run):
            return _made_of(gone, renewed, previous, source, program, plan)
    reports: dict[str, EntryReport] = {}
    covered: set[str] = set()
    whole = True
    for entry in plan.order:
        name = entry.name
        if name in covered:
            continue
        try:
            reports[name] = before[name] if name in before and name not in stale else run(entry)
        except Interrupted:
            whole = False
            break
        covered |= reports[name].covered
    gone = {name: report for name, report in before.items() if name not in reports}
    came = {name: report for name, report in renewed.items() if name in reports}
    analysis = _made_of(gone, came, previous, source, program, plan, whole=whole)
    if not whole:
        raise Unfinished(analysis)
    return analysis


def _only_these(
    plan: Entries,
    before: Mapping[str, EntryReport],
    gone: Mapping[str, EntryReport],
    stale: Set[str],
    run: Callable[[Entry], EntryReport],
) -> bool:
    """Run the `stale` entries and the new ones; whether all others are run, or covered by others, as they were."""
    if any(map(plan.get, chain.from_iterable(report.covered for report in gone.values()))):
        return False
    if any(name in report.covered for name in plan.came for report in before.values()):
        return False
    for entry in plan.in_order({*(stale & before.keys()), *plan.came}):
        now, name = run(entry).covered, entry.name
        as_before = now == before[name].covered if name in before else not any(map(plan.get, now - {name}))
        if not as_before:
            return False
    return True


def _made_of(
    gone: Mapping[str, EntryReport],
    came: Mapping[str, EntryReport],
    previous: FileAnalysis | None,
    source: SourceFile,
    program: Program,
    plan: Entries,
    *,
    whole: bool = True,
) -> FileAnalysis:
    """The analysis that has the reports of `previous` without those that are `gone`, and those that `came`, also in place of others."""
    reports = version_after(previous.reports if previous is not None else None)
    standing = version_after(previous.standing if previous is not None else None)
    left = {**gone, **{name: reports[name] for name in came if name in reports}}
    for name in gone:
        del reports[name]
    reports.update(came)
    nothing = Reads()
    changed = {
        name: (left[name].reads if name in left else nothing, came[name].reads if name in came else nothing)
        for name in {*left, *came}
    }
    for chunk in {chunk for report in (*left.values(), *came.values()) for chunk in report.standing}:
        said = [report for report in standing.pop(chunk, ()) if reports.get(report.name) is report]
        said += [report for report in came.values() if chunk in report.standing]
        if said:
            standing[chunk] = tuple(reports[entry.name] for entry in plan.in_order(report.name for report in said))
    return FileAnalysis(
        source.path,
        source.version,
        reports,
        standing,
        tuple(entry.name for entry in plan.in_order(came)),
        plan,
        Readers(program, changed, previous.readers if previous is not None else None),
        whole,
    )


def _length(entry: Entry) -> int:
    node = entry.node
    return 0 if node is None else (node.end_lineno or node.lineno) - node.lineno + 1
