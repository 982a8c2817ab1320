"""What the strategies ask of a finding, and the code they show in titles."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.analysis.results import WriteRecord
from gradguard.fixes.names import path_of, reads_later
from gradguard.interpreter.sites import Site

if TYPE_CHECKING:
    from gradguard.fixes.situation import Spot
    from gradguard.rules.finding import Finding
    from gradguard.tape.hazards import Event, Save

LEAF_RULES = ("GG201", "GG202")
"""Rules about leaves: a new tensor under the leaf's name means that the name no longer stands for the leaf."""

LONGEST_CODE = 50
"""Code points of new code shown in a title."""


def shortened(code: str) -> str:
    """`code` as one line fit for a title."""
    line = " ".join(code.split())
    return line if len(line) <= LONGEST_CODE else line[: LONGEST_CODE - 1] + "…"


def write_site(finding: Finding) -> Site | None:
    """Where the finding's write happened; None for a finding without one."""
    if isinstance(finding.evidence, WriteRecord):
        return finding.evidence.site
    write = getattr(finding.evidence.hazard, "write", None) or getattr(finding.evidence.hazard, "detach", None)
    return write.origin if write is not None and isinstance(write.origin, Site) else None


def must_stay_leaf(finding: Finding, spot: Spot, written: ast.expr) -> bool:
    """Whether a new tensor may not take the name: a module's parameter, or a leaf whose gradient the statement uses."""
    if finding.code not in LEAF_RULES:
        return False
    path = path_of(written)
    asked = any(reads_later(spot, f"{path}.{name}") for name in ("grad", "requires_grad"))
    reads_gradient = any(isinstance(node, ast.Attribute) and node.attr == "grad" for node in ast.walk(spot.statement))
    return asked or reads_gradient or isinstance(written, ast.Attribute)


def writes_leaf(finding: Finding) -> bool:
    """Whether what is written is a leaf that requires grad, or an alias of one: an update of a parameter."""
    if isinstance(finding.evidence, WriteRecord):
        return False
    write = getattr(finding.evidence.hazard, "write", None)
    tensor = None if write is None else write.tensor
    while tensor is not None:
        if tensor.wants_grad and tensor.node is None:
            return True
        tensor = tensor.parent
    return False


def loses_history(finding: Finding) -> bool:
    """Whether a new tensor in the place of the written one would fall out of the graph: the write stands under `no_grad`."""
    site = write_site(finding)
    if site is None or not site.no_grad or isinstance(finding.evidence, WriteRecord):
        return False
    write = getattr(finding.evidence.hazard, "write", None)
    return write is not None and bool(write.tensor.requires_grad)


def save_of(finding: Finding) -> Save | None:
    """The save that the finding is about."""
    if isinstance(finding.evidence, WriteRecord):
        return None
    save: Save | None = getattr(finding.evidence.hazard, "save", None)
    return save


def event_of(finding: Finding, name: str) -> Event | None:
    """The hazard's event `name` (`backward`, `view`, `use`, …), if it has one."""
    if isinstance(finding.evidence, WriteRecord):
        return None
    event: Event | None = getattr(finding.evidence.hazard, name, None)
    return event


def site_or_none(origin: object) -> Site | None:
    """The origin if it is a place in the program."""
    return origin if isinstance(origin, Site) else None
