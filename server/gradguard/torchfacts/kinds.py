"""Whether a value of some kind may stand for an argument of some type, as torch's argument parser decides it.

Types are torch's words (`Tensor?`, `Scalar`, `int[2]`). `True`, `False`, `None` and `str=mean` stand for that constant
only, `Tensor/rank=3/of=int/contiguous=no` for tensors of that description. `Any` takes everything.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradguard.torchfacts.geometry import Geometry

# What a caller may say of a value: `tensor`, with what is known of it appended (`tensor/rank=3/of=float/contiguous=no`;
# `of`: float, complex, int or bool; `ones=13`: which of the sizes before the last two are 1, counted from the last, so that
# a batch may be broadcast), `tensors` (a list or tuple of them), `int`, `float`, `number` (one of the two), `true`, `false`,
# `bool` (one of the two), `ints` (a list, tuple or Size of ints), `none`, `str=mean` (that string), `str` (some string),
# `dtype`, `other` (known, and none of these), `unknown`. A coarser word is never wrong, only less telling.
ValueKind = str

# `lenient`: torch takes it only where no overload fits better. `perhaps`: it depends on the value.
Fit = Literal["yes", "lenient", "perhaps", "no"]

_NUMBERS = frozenset({"number", "int", "float"})
_BOOLS = frozenset({"bool", "true", "false"})
_WORDS = frozenset({"str", "dtype", "other"})
_TAKEN: dict[str, frozenset[str]] = {
    "Tensor": frozenset({"tensor"}),
    "Tensor[]": frozenset({"tensors"}),
    "Scalar": _NUMBERS | _BOOLS,
    "float": _NUMBERS,
    "int": frozenset({"number", "int"}),
    "int[]": frozenset({"ints", "other"}),
    "bool": _BOOLS | {"other"},
    "str": frozenset({"str", "other"}),
    "ScalarType": frozenset({"dtype", "other"}),
    "True": frozenset({"true"}),
    "False": frozenset({"false"}),
    "None": frozenset({"none"}),
}
_TAKEN_LENIENTLY: dict[str, frozenset[str]] = {
    "Tensor": _NUMBERS | _BOOLS,
    "Tensor[]": frozenset({"ints", "other"}),
    "Scalar": frozenset({"tensor"}),
    "float": frozenset({"tensor"}) | _BOOLS,
    "int": frozenset({"tensor"}) | _NUMBERS | _BOOLS,
    "int[]": frozenset({"tensor", "tensors"}),
    "bool": frozenset({"tensor"}) | _NUMBERS,
}
_CONSTANT_OR_NOT: dict[str, frozenset[str]] = {
    "True": frozenset({"bool", "number", "other"}),
    "False": frozenset({"bool", "number", "other"}),
}


# Taken for granted where nothing is said: operands that do not lie one element after the other are rare, batches of one too.
ORDINARY = {"contiguous": "yes", "ones": "no"}


@lru_cache(maxsize=4096)
def fit(type_: str, kind: ValueKind) -> Fit:
    """How a value of `kind` fits an argument of `type_`."""
    if kind == "unknown":
        return "perhaps"
    if "/" in type_ or "/" in kind:
        return _fit_described(type_, kind)
    if type_.startswith("str="):
        return "yes" if kind == type_ else "perhaps" if kind in ("str", "other") else "no"
    if type_ == "Any" or (kind == "none" and type_.endswith("?")):
        return "yes"
    if kind.startswith("str="):
        kind = "str"
    name, sized = _reduced(type_.removesuffix("?"))
    if kind in _TAKEN.get(name, _WORDS) or (sized and kind in _NUMBERS):
        return "yes"
    if kind in _CONSTANT_OR_NOT.get(name, ()):
        return "perhaps"
    return "lenient" if kind in _TAKEN_LENIENTLY.get(name, ()) else "no"


def _fit_described(type_: str, kind: ValueKind) -> Fit:
    """Compare what is demanded of a tensor with what is known of it."""
    type_, *demanded = type_.split("/")
    kind, *known = kind.split("/")
    fits = fit(type_, kind)
    if kind == "tensor" and "rank=0" in known and type_.removesuffix("?") == "Scalar":
        return "perhaps"  # taken for a number unless it requires grad
    if fits != "yes" or kind != "tensor":
        return fits
    facts = ORDINARY | dict(fact.split("=") for fact in known)
    for demand in demanded:
        name, _, value = demand.partition("=")
        if name not in facts:
            fits = "perhaps"
        elif facts[name] != value:
            return "no"
    return fits


def _reduced(type_: str) -> tuple[str, bool]:
    """`type_` without what parsing does not look at, and whether it is a list that one number may stand for (`int[2]`)."""
    type_ = type_.replace("SymInt", "int")
    if not type_.endswith("]"):
        return type_, False
    element, _, size = type_.removesuffix("]").rpartition("[")
    return ("Tensor[]", False) if element.startswith("Tensor") else ("int[]", bool(size))


@lru_cache(maxsize=4096)
def tensor_kind(geometry: Geometry) -> ValueKind:
    """The kind of a tensor of which `geometry` is known."""
    kind = "tensor"
    if geometry.shape is not None:
        kind += f"/rank={len(geometry.shape)}"
    if geometry.dtype is not None:
        kind += f"/of={element_class(geometry.dtype)}"
    if _scattered(geometry):
        kind += "/contiguous=no"
    if geometry.shape is not None and 1 in geometry.shape[:-2]:
        kind += f"/ones={batches_of_one(geometry.shape)}"
    return kind


def batches_of_one(shape: Sequence[int | None]) -> str:
    """The places of sizes of 1 before the last two, counted from the last (`13`); nothing if there are none."""
    return "".join(str(place) for place, size in enumerate(reversed(shape[:-2]), 1) if size == 1)


def element_class(dtype: str) -> str:
    """`float`, `complex`, `int` or `bool` for torch's `float32`, `bfloat16`, `complex64`, `uint8`, …"""
    if dtype.startswith(("float", "bfloat")):
        return "float"
    return "complex" if dtype.startswith("complex") else "bool" if dtype == "bool" else "int"


def _scattered(geometry: Geometry) -> bool:
    """Whether the elements certainly do not lie one after the other in the order of their indices."""
    if geometry.shape is None or geometry.strides is None:
        return False
    expected = 1
    for size, stride in zip(reversed(geometry.shape), reversed(geometry.strides), strict=True):
        if size is None:
            return False
        if size != 1 and stride != expected:
            return True
        expected *= size
    return False
