"""Small sample arguments for the catalog's operators, found by trying: what torch accepts is a sample.

A sample says which kind of tensor (by shape and dtype) stands in each place; a program puts any tensor of that kind there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import torch

from tests.differential.tape.sides import CATALOG, aten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradguard.torchfacts.operator import Argument, Operator

# What is no operator on plain dense CPU tensors; draws sizes from values, or does not return for some of them (binomial); has calls of
# its own in a program (views of memory, flags); or writes what it does not return.
_LEFT_OUT = (
    "_",
    "binomial",
    "choose_qparams",
    "cudnn",
    "data",
    "dequantize",
    "detach",
    "embedding_renorm",
    "geqrf",
    "histogram",
    "miopen",
    "mkldnn",
    "nonzero",
    "q_",
    "rename",
    "requires_grad",
    "resize",
    "retain_grad",
    "rrelu_with_noise",
    "set_",
    "slice_inverse",
    "sparse",
    "to_mkldnn",
    "to_sparse",
    "unique",
)
_INDICES = {"index", "indices", "target", "repeats"}
_MASKS = {"mask", "condition"}
_SHAPES = ((4,), (2, 2), (1, 2, 2), (2, 2, 2), (1, 1, 2, 2))
_NUMBERS = ((0, 0.5), (1, 0.5), (1, 1.0), (2, 2.0))


@dataclass(frozen=True)
class Slot:
    """A kind of tensor that a place wants: `dtype` is `float`, `index` or `mask`."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, eq=False)
class Sample:
    """One way to call an operator: slots where tensors stand (a list of slots for a list), constants elsewhere."""

    operator: Operator
    positional: tuple[object, ...]
    keywords: dict[str, object]


def fresh(slot: Slot) -> torch.Tensor:
    """New values for a slot, inside the domains of most functions."""
    if slot.dtype == "index":
        return (
            torch.arange(slot.shape[0] if slot.shape else 1) % 2
            if len(slot.shape) == 1
            else torch.zeros(slot.shape, dtype=torch.long)
        )
    if slot.dtype == "mask":
        return torch.rand(slot.shape) > 0.5
    return torch.rand(slot.shape) * 0.8 + 0.1


@lru_cache(maxsize=2)
def samples(composite: bool = False) -> tuple[Sample, ...]:
    """One sample of each operator that has one, in the catalog's order.

    `composite`: of those that torch makes of smaller operators: its messages name those, and results may be views of what nobody holds.
    """
    return _samples_of(
        lambda operator: (
            not operator.name.startswith(_LEFT_OUT) and _eligible(operator) and _composite(operator.name) is composite
        )
    )


@lru_cache(maxsize=1)
def foreach_samples() -> tuple[Sample, ...]:
    """The same of the operators on lists of tensors that optimizers are made of."""
    return _samples_of(lambda operator: operator.name.startswith("_foreach_") and _eligible(operator))


@lru_cache(maxsize=1)
def out_samples() -> tuple[tuple[Sample, str], ...]:
    """Samples of operators that have an out= form, with the name of that form.

    The few out= forms are left out for which torch has no kernel that looks for gradients.
    """
    pairs = ((sample, _out_overload(sample.operator)) for sample in samples())
    return tuple((sample, name) for sample, name in pairs if name is not None and _refuses_gradients(sample, name))


def _out_overload(operator: Operator) -> str | None:
    base, _, overload = operator.name.partition(".")
    names = (f"{base}.out", f"{base}.{overload}_out") if operator.results == 1 and not operator.writes else ()
    inputs = [a.name for a in operator.arguments]
    for name in names:
        found = CATALOG.operator(name)
        if found is not None and [a.name for a in found.arguments if a.name != "out"] == inputs:
            return name
    return None


def _refuses_gradients(sample: Sample, overload: str) -> bool:
    def make(slot: Slot) -> torch.Tensor:
        return fresh(slot).requires_grad_(slot.dtype == "float")

    try:
        aten(overload)(
            *[fill(value, make) for value in sample.positional],
            **{name: fill(value, make) for name, value in sample.keywords.items()},
            out=torch.empty(0),
        )
    except RuntimeError as error:
        return str(error).startswith(f"{sample.operator.name.partition('.')[0]}(): functions with out=")
    return False


def _samples_of(wanted: Callable[[Operator], bool]) -> tuple[Sample, ...]:
    found = []
    for name in CATALOG.operator_names():
        operator = CATALOG.operator(name)
        assert operator is not None
        if wanted(operator):
            sample = next((s for s in _candidates(operator) if _accepted(s)), None)
            if sample is not None:
                found.append(sample)
    return tuple(found)


def _eligible(operator: Operator) -> bool:
    keyword_only = {a.name for a in operator.arguments if a.keyword_only}
    return (
        operator.known
        and not operator.may_save  # of these the tape makes no claims
        and not keyword_only.intersection(operator.writes)
        and not operator.name.partition(".")[0].endswith("_copy")
        and (operator.node is not None or bool(operator.writes) or operator.view != "never")
        and "[" not in operator.name
        and not operator.name.startswith(("torch.", "Tensor."))
    )


def _composite(name: str) -> bool:
    return torch._C._dispatch_has_kernel_for_dispatch_key(f"aten::{name}", "CompositeImplicitAutograd")


def _candidates(operator: Operator) -> Iterator[Sample]:
    required = [a for a in operator.arguments if a.required]
    foreach = operator.name.startswith("_foreach_")
    for shape in _SHAPES:
        for whole, number in _NUMBERS:
            values = [_value(argument, shape, whole, number, foreach) for argument in required]
            if None in values:
                return
            pairs = list(zip(required, values, strict=True))
            yield Sample(
                operator,
                tuple(v for a, v in pairs if not a.keyword_only),
                {a.name: v for a, v in pairs if a.keyword_only},
            )


def _value(argument: Argument, shape: tuple[int, ...], whole: int, number: float, foreach: bool) -> object:
    kind = argument.type.removesuffix("?")
    if kind.startswith("Tensor"):
        slot = Slot(shape, "float")
        if argument.name in _INDICES:
            slot = Slot(shape[:1], "index")
        elif argument.name in _MASKS:
            slot = Slot(shape, "mask")
        elif argument.name == "value":
            slot = Slot((), "float")
        if kind.endswith("]"):
            return [slot, slot] if foreach else [slot]
        return slot
    if kind in ("int", "SymInt"):
        return whole
    if kind in ("Scalar", "float"):
        return number
    if kind == "Scalar[]":
        return [number, number]
    if kind == "bool":
        return False
    if kind.startswith(("int[", "SymInt[")):
        return [whole]
    return None


def _accepted(sample: Sample) -> bool:
    """Whether torch runs it on fresh tensors and on ones that require grad."""
    function = aten(sample.operator.name)
    try:
        for requires_grad in (False, True):

            def make(slot: Slot, requires_grad: bool = requires_grad) -> torch.Tensor:
                tensor = fresh(slot)
                return tensor.requires_grad_(requires_grad).clone() if slot.dtype == "float" else tensor

            torch.manual_seed(0)
            function(
                *[fill(value, make) for value in sample.positional],
                **{name: fill(value, make) for name, value in sample.keywords.items()},
            )
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, AttributeError):
        return False
    return True


def fill(value: object, make: object) -> object:
    """`value` with each slot replaced by what `make` returns for it."""
    if isinstance(value, Slot):
        return make(value)  # type: ignore[operator]
    if isinstance(value, list):
        return [fill(item, make) for item in value]
    return value
