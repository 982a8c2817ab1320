"""In-place writes of a run, each with its verdict and the reason for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeGuard

from gradguard.analysis.results import SafeReason, WriteRecord
from gradguard.interpreter.sites import Site

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine
    from gradguard.tape.hazards import Write
    from gradguard.tape.writes import LoggedWrite

SHOWN = ("augmented", "method", "setitem", "function", "inplace_flag")
"""Kinds of writes that the program itself makes; optimizers and layers write on its behalf."""

Verdict = Literal["safe", "hazard", "unknown"]


def records_of(machine: Machine, path: str) -> list[WriteRecord]:
    """One record for each write that the run made in the file `path`."""
    hazardous = [w for h in machine.hazards if (w := getattr(h, "write", None)) is not None]
    hazards = {place_key(write.origin) for write in hazardous}
    records = [
        _record(machine, write, write.origin, place_key(write.origin) in hazards)
        for write in machine.tape.writes
        if _is_shown(write.origin, path)
    ]
    made = {place_key(record.site) for record in records}
    for write in hazardous:
        if _is_shown(write.origin, path) and place_key(write.origin) not in made:
            records.append(_refused(write, write.origin))
    return records


def _is_shown(site: object, path: str) -> TypeGuard[Site]:
    return isinstance(site, Site) and site.kind in SHOWN and site.chunk.path == path


def _refused(write: Write, site: Site) -> WriteRecord:
    """A write that torch refuses: nothing happens to the version."""
    version, producer = write.version, write.tensor.operator
    return WriteRecord(
        site, write.operator, site.target, True, "hazard", "nothing_saved", (), version, version, producer
    )


def unreported(record: WriteRecord) -> WriteRecord:
    """A write whose hazard rests on too much to be reported: nothing is claimed about it."""
    return record._replace(verdict="unknown", reason="unknown_tensor")


def place_key(site: object) -> object:
    """The same for two sites exactly if they are one place of the program."""
    return (id(site.chunk), id(site.node)) if isinstance(site, Site) else None


def _record(machine: Machine, write: LoggedWrite, site: Site, hazardous: bool) -> WriteRecord:
    saves = tuple(saved.as_save() for saved in write.saves)
    tensor = write.tensor
    tracked = write.tracked or (not write.grad_mode and tensor.requires_grad)
    verdict: Verdict = "safe"
    reason: SafeReason
    if hazardous:
        verdict, reason = "hazard", "nothing_saved"
    elif write.counter.uncertain or write.maybe_saved:
        verdict, reason = "unknown", "unknown_tensor"
    elif saves:
        reason = "not_needed" if machine.backwards else "no_backward_seen"
    elif not write.grad_mode:
        reason = "no_grad"
    elif not write.tracked:
        reason = "not_tracked"
    else:
        reason = "nothing_saved"
    producer = _producer(write)
    return WriteRecord(
        site, write.operator, site.target, tracked, verdict, reason, saves, write.version - 1, write.version, producer
    )


def _producer(write: LoggedWrite) -> str:
    base = write.tensor.base or write.tensor
    return base.operator


def merged(records: Iterable[WriteRecord]) -> tuple[WriteRecord, ...]:
    """One record per place: the worst verdict, and of equals the one that says most."""
    order = {"hazard": 0, "unknown": 1, "safe": 2}
    best: dict[object, WriteRecord] = {}
    for record in records:
        key = place_key(record.site)
        known = best.get(key)
        rank = (order[record.verdict], not record.tracked, not record.saved_before)
        if known is None or rank < (order[known.verdict], not known.tracked, not known.saved_before):
            best[key] = record
    return tuple(best.values())
