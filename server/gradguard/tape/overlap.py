"""What in-place kernels say to overlapping memory before they write, whatever the grad mode.

Most refuse a target that holds several elements in one location (`at::assert_no_internal_overlap`) and an operand that lies partly in
the target (`at::assert_no_partial_overlap`). Those that do otherwise are listed here as measured; `tests/tape/test_overlap.py` runs every
in-place operator of the catalog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradguard.tape import messages
from gradguard.torchfacts.shapes import overlaps_itself, partially_overlap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradguard.tape.tensor import Tensor

_CHANGE_LAYOUT_ONLY: Final = {
    "as_strided_",
    "squeeze_",
    "swapaxes_",
    "swapdims_",
    "t_",
    "transpose_",
    "unsqueeze_",
}
_TARGET_UNCHECKED: Final = {
    "_index_put_impl_",
    "conj_physical_",
    "fill_",
    "index_fill_",
    "index_put_",
    "masked_fill_",
    "threshold_",
    "tril_",
    "triu_",
    "zero_",
    *_CHANGE_LAYOUT_ONLY,
}
_OPERANDS_UNCHECKED: Final = {
    "addbmm_",
    "addmm_",
    "addmv_",
    "baddbmm_",
    "fill_",
    "fill_.Tensor",
    "index_fill_",
    "ldexp_",
    "masked_fill_",
    "masked_scatter_",
    *_CHANGE_LAYOUT_ONLY,
}
# These may not even read exactly what they write (`at::assert_no_overlap`).
_NOTHING_IN_COMMON: Final = {
    "index_add_",
    "index_copy_",
    "index_put_",
    "index_reduce_",
    "put_",
    "scatter_",
    "scatter_add_",
    "scatter_reduce_",
}


def refusal(kernel: str, target: Tensor, operands: Iterable[Tensor]) -> str | None:
    """What torch raises because memory surely overlaps, None if nothing or if that is not known."""
    geometry = target.geometry
    if kernel not in _TARGET_UNCHECKED and overlaps_itself(geometry):
        return messages.OVERLAP
    if kernel in _OPERANDS_UNCHECKED:
        return None
    strict = kernel in _NOTHING_IN_COMMON
    for operand in operands:
        if operand is target and not strict:
            continue
        if _in_one_storage(operand, target) and (
            partially_overlap(geometry, operand.geometry) or (strict and _same(operand, target))
        ):
            return messages.PARTIAL_OVERLAP
    return None


def _in_one_storage(operand: Tensor, target: Tensor) -> bool:
    """Kernels compare storages, and the memory of an array that came back from numpy has a storage of its own."""
    return operand.storage is target.storage and _array(operand) is _array(target)


def _array(tensor: Tensor | None) -> Tensor | None:
    """The array that `tensor` is made of, if it is made of one."""
    while tensor is not None and tensor.operator != "from_numpy":
        tensor = tensor.parent
    return tensor


def _same(operand: Tensor, target: Tensor) -> bool:
    one, other = operand.geometry, target.geometry
    return None not in (one.strides, one.offset, one.numel) and one == other and one.numel != 0
