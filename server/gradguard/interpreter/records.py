"""In-place writes of a run, each with its verdict and the reason for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from gradguard.interpreter.results import SafeReason, WriteRecord
from gradguard.interpreter.sites import Site

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine
    from gradguard.tape.writes import LoggedWrite

SHOWN = ("augmented", "method", "setitem", "function", "inplace_flag")
"""Kinds of writes that the program itself makes; optimizers and layers write on its behalf."""

Verdict = Literal["safe", "hazard", "unknown"]


def records_of(machine: Machine, path: str) -> list[WriteRecord]:
    """One record for each write that the run made in the file `path`."""
    hazards = {_key(w.origin) for h in machine.hazards if (w := getattr(h, "write", None)) is not None}
    records = []
    for write in machine.tape.writes:
        site = write.origin
        if not isinstance(site, Site) or site.kind not in SHOWN or site.chunk.path != path or write.bypass is not None:
            continue
        records.append(_record(machine, write, site, _key(site) in hazards))
    return records


def _key(site: object) -> object:
    return (id(site.chunk), id(site.node)) if isinstance(site, Site) else None


def _record(machine: Machine, write: LoggedWrite, site: Site, hazardous: bool) -> WriteRecord:
    saves = tuple(saved.as_save() for saved in write.saves)
    tensor = write.tensor
    tracked = write.tracked or (not write.grad_mode and tensor.requires_grad)
    verdict: Verdict = "safe"
    reason: SafeReason
    if hazardous:
        verdict, reason = "hazard", "nothing_saved"
    elif write.counter.uncertain:
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
        key = _key(record.site)
        known = best.get(key)
        rank = (order[record.verdict], not record.tracked, not record.saved_before)
        if known is None or rank < (order[known.verdict], not known.tracked, not known.saved_before):
            best[key] = record
    return tuple(best.values())
