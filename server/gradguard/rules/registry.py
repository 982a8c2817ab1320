"""Which rule words which hazard: a plain table from hazard type to function, in order of code.

Where one hazard type serves several rules, a small chooser in the table tells them apart by what wrote and where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.analysis.results import Found, WriteRecord
from gradguard.interpreter.sites import Site
from gradguard.rules import (
    gg101_saved_tensor_overwritten as gg101,
)
from gradguard.rules import (
    gg102_parameter_updated_before_backward as gg102,
)
from gradguard.rules import (
    gg103_inplace_module_overwrites_saved as gg103,
)
from gradguard.rules import (
    gg104_overwritten_across_iterations as gg104,
)
from gradguard.rules import (
    gg105_saved_tensor_detached as gg105,
)
from gradguard.rules import (
    gg201_leaf_written as gg201,
)
from gradguard.rules import (
    gg202_view_of_leaf_written as gg202,
)
from gradguard.rules import (
    gg203_multi_output_view_written as gg203,
)
from gradguard.rules import (
    gg204_overlapping_memory_written as gg204,
)
from gradguard.rules import (
    gg205_inference_tensor_written as gg205,
)
from gradguard.rules import (
    gg206_no_grad_view_written as gg206,
)
from gradguard.rules import (
    gg301_data_write_corrupts_gradient as gg301,
)
from gradguard.rules import (
    gg302_numpy_alias_corrupts_gradient as gg302,
)
from gradguard.rules import (
    gg401_custom_function_inplace as gg401,
)
from gradguard.rules import (
    gg402_gradient_written as gg402,
)
from gradguard.rules import (
    gg501_backward_twice as gg501,
)
from gradguard.rules import (
    gg901_safe_inplace as gg901,
)
from gradguard.tape.hazards import (
    BackwardTwice,
    CustomFunctionMisuse,
    ForbiddenViewWritten,
    GradientWritten,
    InferenceTensorMisused,
    LeafWritten,
    OverlappingMemoryWritten,
    SavedDetached,
    SavedVersionMoved,
    SilentlyOverwritten,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gradguard.analysis.reports import FileAnalysis, Standing
    from gradguard.rules.finding import Finding
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import Write
    from gradguard.tape.tensor import Tensor
    from gradguard.text.places import Place

HINTED_REASONS = frozenset({"nothing_saved", "not_needed", "fresh_copy_saved", "no_backward_seen"})
"""Reasons that are worth a remark at a tracked write; the others say that autograd does not look at it at all."""


def findings(results: FileAnalysis | Standing, texts: Texts) -> tuple[Finding, ...]:
    """Every finding of an analysis, or of what it says about one statement, one per mistake, in order of place.

    Hazards that no rule is about are left out.
    """
    worded = [finding for found in results.found if (finding := describe(found, texts)) is not None]
    hints = [
        gg901.describe(write, texts)
        for write in results.writes
        if write.tracked and not write.site.no_grad and write.verdict == "safe" and write.reason in HINTED_REASONS
    ]
    flagged = {finding.place for finding in worded}
    hints = [hint for hint in hints if hint.place not in flagged]
    return tuple(
        sorted([*_one_per_mistake(worded), *_one_per_mistake(hints)], key=lambda each: (each.place, each.code))
    )


def describe(found: Found, texts: Texts) -> Finding | None:
    """The finding for one hazard; None if no rule is about it, or if it has no place in the user's program."""
    for hazard_type, word in _TABLE:
        if isinstance(found.hazard, hazard_type):
            return word(found, found.hazard, texts) if _has_place(found.hazard) else None
    return None


def is_hint(evidence: Found | WriteRecord) -> bool:
    """Whether the evidence of a finding is a safe write and not a hazard."""
    return isinstance(evidence, WriteRecord)


def _saved_version_moved(found: Found, hazard: SavedVersionMoved, texts: Texts) -> Finding:
    write = hazard.write
    if _updates_parameter(write):
        return gg102.describe(found, hazard, texts)
    if _kind(write) == "inplace_flag":
        return gg103.describe(found, hazard, texts)
    if gg104.across_iterations(hazard):
        return gg104.describe(found, hazard, texts)
    return gg101.describe(found, hazard, texts)


def _leaf_written(found: Found, hazard: LeafWritten, texts: Texts) -> Finding:
    if hazard.view is None:
        return gg201.describe(found, hazard, texts)
    return gg202.describe(found, hazard, texts)


def _forbidden_view_written(found: Found, hazard: ForbiddenViewWritten, texts: Texts) -> Finding:
    if hazard.reason == "multi_output":
        return gg203.describe(found, hazard, texts)
    if hazard.reason in ("no_grad", "inference"):
        return gg206.describe(found, hazard, texts)
    if _kind(hazard.write) == "inplace_flag":
        return gg103.describe_hooked(found, hazard, texts)
    return gg401.describe_view(found, hazard, texts)


def _silently_overwritten(found: Found, hazard: SilentlyOverwritten, texts: Texts) -> Finding:
    if hazard.write.bypass == "numpy":
        return gg302.describe(found, hazard, texts)
    return gg301.describe(found, hazard, texts)


_TABLE: tuple[tuple[type, Callable[..., Finding]], ...] = (
    (SavedVersionMoved, _saved_version_moved),  # GG101 to GG104
    (SavedDetached, gg105.describe),
    (LeafWritten, _leaf_written),  # GG201, GG202
    (ForbiddenViewWritten, _forbidden_view_written),  # GG203, GG206, GG103, GG401
    (OverlappingMemoryWritten, gg204.describe),
    (InferenceTensorMisused, gg205.describe),
    (SilentlyOverwritten, _silently_overwritten),  # GG301, GG302
    (CustomFunctionMisuse, gg401.describe),
    (GradientWritten, gg402.describe),
    (BackwardTwice, gg501.describe),
)


def _kind(write: Write) -> str | None:
    return write.origin.kind if isinstance(write.origin, Site) else None


def _updates_parameter(write: Write) -> bool:
    # A leaf that requires grad can be written only past autograd (no_grad, an optimizer, detach): that is an update.
    written: Tensor | None = write.tensor
    while written is not None:
        if written.wants_grad and written.node is None:
            return True
        written = written.parent
    return _kind(write) == "optimizer"


def _has_place(hazard: object) -> bool:
    main = getattr(hazard, "write", None) or getattr(hazard, "detach", None) or getattr(hazard, "second", None)
    main = main or getattr(hazard, "use", None)
    return isinstance(getattr(main, "origin", None), Site)


def _one_per_mistake(candidates: Iterable[Finding]) -> list[Finding]:
    """One finding per family of rules (GG1, GG2, …) and place: the gravest, and of these the one found first."""
    best: dict[tuple[str, Place], Finding] = {}
    for finding in candidates:
        mistake = (finding.code[:3], finding.place)
        known = best.get(mistake)
        if known is None or (finding.severity == "error" and known.severity != "error"):
            best[mistake] = finding
    return list(best.values())
