"""What is known of a tensor's numbers: that its memory was filled with zeros or with ones and not written since.

Autograd does not look at numbers, but programs branch on them: `if not torch.equal(a, b)`, `while not done.all()`. Zero and one are the
numbers that every dtype holds exactly; the storage's count of changes (`content`) tells when the knowledge is out of date.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gradguard.tape.tensor import Tensor

if TYPE_CHECKING:
    from gradguard.interpreter.values import Value
    from gradguard.tape.tensor import Storage
    from gradguard.torchfacts.operator import Operator

_MADE = {"zeros": 0, "zeros_like": 0, "new_zeros": 0, "zero_": 0, "ones": 1, "ones_like": 1, "new_ones": 1}
_GIVEN = {
    "full": "fill_value",
    "full_like": "fill_value",
    "new_full": "fill_value",
    "fill_.Scalar": "value",
    "fill_.Tensor": "value",
    "copy_": "src",
    "clone": "self",
    "_to_copy": "self",
    "any": "self",
    "all": "self",
}
_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "eq": python.eq,
    "ne": python.ne,
    "lt": python.lt,
    "le": python.le,
    "gt": python.gt,
    "ge": python.ge,
}


class Fills:
    """The memory of one run that is known to be filled."""

    def __init__(self) -> None:
        self._filled: dict[Storage, tuple[int, int]] = {}

    def forget(self) -> None:
        """Nothing is known any more of the tensors that exist."""
        self._filled.clear()

    def of(self, value: Value) -> int | None:
        """The number, 0 or 1, that all elements of a tensor are; of a Python number itself. None if it is not known."""
        if isinstance(value, Tensor):
            filled = self._filled.get(value.storage)
            current = filled is not None and filled[1] == value.storage.content and not value.uncertain
            return filled[0] if filled is not None and current else None
        return int(value) if isinstance(value, (int, float)) and value in (0, 1) else None

    def note(self, tensor: Tensor, number: int | None) -> None:
        """All elements of `tensor`, which has its memory to itself, are `number` now."""
        if number is not None:
            self._filled[tensor.storage] = (number, tensor.storage.content)

    def follow(self, operator: Operator, arguments: Mapping[str, Value], results: Sequence[Tensor]) -> None:
        """Note what `operator` made of filled memory. A write through a view leaves the rest of the memory as it was."""
        name = operator.name
        if "running_mean" in arguments and arguments.get("training", arguments.get("use_input_stats")) is not False:
            # The kernels of normalisation write the statistics without moving any version.
            for statistics in (arguments["running_mean"], arguments.get("running_var")):
                if isinstance(statistics, Tensor):
                    self._filled.pop(statistics.storage, None)
        if len(results) != 1 or results[0].parent is not None:
            return
        if name in _MADE:
            self.note(results[0], _MADE[name])
        elif name in _GIVEN:
            self.note(results[0], self.of(arguments.get(_GIVEN[name])))
        elif self._filled and (compared := _COMPARED.get(name.partition(".")[0])) is not None:
            left, right = self.of(arguments.get("self")), self.of(arguments.get("other"))
            if left is not None and right is not None:
                self.note(results[0], int(compared(left, right)))

    def equal(self, left: Value, right: Value) -> bool | None:
        """What `torch.equal` says of two tensors; None if it is not known."""
        if not isinstance(left, Tensor) or not isinstance(right, Tensor):
            return None
        sizes, others = left.geometry.shape, right.geometry.shape
        if sizes is None or others is None or None in sizes or None in others or 0 in sizes:
            return None
        if sizes != others:
            return False
        number, other = self.of(left), self.of(right)
        comparable = number is not None and other is not None and left.geometry.dtype == right.geometry.dtype
        return number == other if comparable else None
