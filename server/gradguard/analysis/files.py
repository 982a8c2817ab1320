"""The analysis of a file: its entries, of which only those are run that read something which has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gradguard.analysis.entries import Entries, Entry
from gradguard.analysis.exploration import Exploration
from gradguard.analysis.reports import EntryReport, FileAnalysis
from gradguard.analysis.unfinished import Unfinished
from gradguard.interpreter.budget import DEFAULT, Budget, Interrupted, for_function, never
from gradguard.interpreter.reads import Readers, Reads
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

    def analysis(reports: Mapping[str, EntryReport], *, whole: bool = True) -> FileAnalysis:
        return _made_of(reports, previous, source, program, plan, frozenset(renewed), whole=whole)

    if previous is not None and previous.whole and previous.plan.names == plan.names:
        again = [entry for entry in plan.order if entry.name in stale and entry.name in before]
        # As long as they cover the same functions, the others run or are covered as they were.
        if all(run(entry).covered == before[entry.name].covered for entry in again):
            return analysis({**before, **renewed})
    reports: dict[str, EntryReport] = {}
    covered: set[str] = set()
    for entry in plan.order:
        name = entry.name
        if name in covered:
            continue
        try:
            reports[name] = before[name] if name in before and name not in stale else run(entry)
        except Interrupted:
            raise Unfinished(analysis(reports, whole=False)) from None
        covered |= reports[name].covered
    return analysis(reports)


def _made_of(
    reports: Mapping[str, EntryReport],
    previous: FileAnalysis | None,
    source: SourceFile,
    program: Program,
    plan: Entries,
    renewed: frozenset[str],
    *,
    whole: bool,
) -> FileAnalysis:
    """The analysis that consists of `reports`, of which those of the entries `renewed` are not from `previous`."""
    before = previous.reports if previous is not None else {}
    gone = {name: before[name] for name in {*(before.keys() - reports.keys()), *(renewed & before.keys())}}
    came = {name: reports[name] for name in renewed & reports.keys()}
    nothing = Reads()
    changed = {
        name: (gone[name].reads if name in gone else nothing, came[name].reads if name in came else nothing)
        for name in {*gone, *came}
    }
    standing = dict(previous.standing) if previous is not None else {}
    for chunk in {chunk for report in (*gone.values(), *came.values()) for chunk in report.standing}:
        kept = [report for report in standing.pop(chunk, ()) if reports.get(report.name) is report]
        kept += [report for report in came.values() if chunk in report.standing]
        if kept:
            standing[chunk] = _in_order(kept, reports)
    return FileAnalysis(
        source.path,
        source.version,
        reports,
        standing,
        tuple([line for report in reports.values() if report.log for line in report.log]),
        tuple([name for name in reports if name in renewed]),
        plan,
        Readers(program, changed, previous.readers if previous is not None else None),
        whole,
    )


def _in_order(some: list[EntryReport], reports: Mapping[str, EntryReport]) -> tuple[EntryReport, ...]:
    if len(some) == 1:
        return tuple(some)
    names = {report.name for report in some}
    return tuple([report for name, report in reports.items() if name in names])


def _length(entry: Entry) -> int:
    node = entry.node
    return 0 if node is None else (node.end_lineno or node.lineno) - node.lineno + 1
