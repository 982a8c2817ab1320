"""Shape, strides and dtype of a tensor, as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass

Shape = tuple["int | None", ...]


@dataclass(frozen=True, slots=True)
class Geometry:
    """What is known of a tensor's layout.

    `shape`: None if even the rank is unknown; a dimension is None if its size is. `strides` and `offset` count elements and are
    None if unknown. `dtype`: torch's name without the prefix (`float32`, `int64`, `bool`), or None. `contiguous`: the strides
    are those of a freshly made tensor although the sizes that they follow from are unknown; only ever set where `strides` is None.
    """

    shape: Shape | None = None
    strides: tuple[int, ...] | None = None
    offset: int | None = 0
    dtype: str | None = "float32"
    contiguous: bool = False

    @property
    def floating(self) -> bool | None:
        """Whether autograd can track it (floating or complex); None if the dtype is unknown."""
        if self.dtype is None:
            return None
        return self.dtype.startswith(("float", "bfloat", "complex"))

    @property
    def numel(self) -> int | None:
        """The number of elements, or None if a size is unknown."""
        if self.shape is None:
            return None
        count = 1
        for size in self.shape:
            if size is None:
                return None
            count *= size
        return count


UNKNOWN_GEOMETRY = Geometry(dtype=None, offset=None)
