"""An operator's facts, laid out once for the tape: what `Tape.apply` asks at every call, in the order in which it asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradguard.torchfacts.operator import Operator, SavedArgument

# They share the memory but give the results a counter of their own, so that no write is noticed across.
_MEMORY_SHARED_PAST_COUNTER: Final = {"_unsafe_view", "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes"}
_COPIES: Final = {
    "clone",
    "contiguous",
    "to",
    "_to_copy",
    "float",
    "double",
    "half",
    "bfloat16",
    "cpu",
    "cuda",
    "type_as",
}

# Of all overloads of one name only these differ in how they look at overlapping memory: filling with a tensor does, with a number not.
_KERNELS_OF_THEIR_OWN: Final = {"fill_.Tensor"}
_RESULT: Final = re.compile(r"result(\d+)")

# The node of an operator without a derivative.
NOT_IMPLEMENTED: Final = "NotImplemented"

FUNCTIONAL = 0
VIEW = 1
IN_PLACE = 2
OUT = 3
UNCOUNTED = 4  # writes that leave the version alone, beside fresh results (fused optimizers, BatchNorm's statistics)


class Plan:
    """An operator's facts as the tape asks for them.

    `saved` is in the order in which torch's nodes unpack: inputs by name, then (`saved_results`) results. `foreach`: it
    works on lists (`torch._foreach_*`), and the facts hold for each of their items. `reviews`: what it writes is looked at
    otherwise, and keeps its values (`t_`).
    """

    __slots__ = (
        "base_name",
        "copies",
        "differentiable",
        "differentiable_results",
        "foreach",
        "kernel",
        "kind",
        "known",
        "maybe_saved",
        "maybe_saved_results",
        "maybe_view",
        "multi",
        "name",
        "node",
        "numbers",
        "operator",
        "results",
        "reviews",
        "saved",
        "saved_results",
        "saves_private",
        "unsafe",
        "view_of",
        "writes",
    )

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.name = operator.name
        self.base_name = _base_name(operator.name)
        self.kernel = operator.name if operator.name in _KERNELS_OF_THEIR_OWN else self.base_name
        self.node = operator.node
        self.differentiable = operator.differentiable
        self.differentiable_results = operator.differentiable_results
        self.results = operator.results
        self.saved: tuple[SavedArgument, ...] = tuple(sorted(operator.saved, key=lambda s: s.name))
        self.saved_results = operator.saved_results
        self.known = operator.known
        self.foreach = operator.name.startswith("_foreach_")
        self.maybe_saved = tuple(name for name in operator.may_save if not _RESULT.fullmatch(name))
        self.maybe_saved_results = tuple(int(m[1]) for m in map(_RESULT.fullmatch, operator.may_save) if m is not None)
        self.saves_private = operator.saves_private
        self.writes = operator.writes
        self.view_of = operator.view_of or "self"
        self.reviews = operator.view_of in operator.writes and operator.node != NOT_IMPLEMENTED
        self.multi = operator.view == "multi"
        self.maybe_view = operator.view == "maybe"
        self.unsafe = self.base_name in _MEMORY_SHARED_PAST_COUNTER
        self.copies = self.base_name in _COPIES
        # Arguments of these kinds become tensors when a number is bound to them; a Scalar argument stays a number.
        self.numbers = frozenset(a.name for a in operator.arguments if a.kind in ("tensor", "tensor?"))
        self.kind = self._kind_of(operator)

    def _kind_of(self, operator: Operator) -> int:
        if operator.writes:
            keyword_only = {a.name for a in operator.arguments if a.keyword_only}
            if keyword_only.issuperset(operator.writes):
                return OUT
            return IN_PLACE if operator.bumps else UNCOUNTED
        return FUNCTIONAL if operator.view == "never" and not self.unsafe else VIEW


def _base_name(name: str) -> str:
    """`mul` for `mul.Tensor`; `batch_norm` for `torch.nn.functional.batch_norm[training:True]`."""
    if name.startswith(("torch.", "Tensor.")):
        return name.partition("[")[0].rpartition(".")[2]
    return name.partition(".")[0]


_plans: dict[int, Plan] = {}


def plan_of(operator: Operator) -> Plan:
    """The plan of `operator`, made at its first call. (A plan holds its operator, so the identity stays its own.)"""
    plan = _plans.get(id(operator))
    if plan is None:
        plan = _plans[id(operator)] = Plan(operator)
    return plan
