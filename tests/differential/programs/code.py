"""Python text in the making: lines, blocks and names."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Code:
    """Lines of a program, indented by the blocks they stand in."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._names = 0

    def __call__(self, *lines: str) -> None:
        """Add lines at the present depth; an empty string is an empty line."""
        self._lines += [f"{'    ' * self._depth}{line}" if line else "" for line in lines]

    @contextlib.contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add `head` (with its colon), and indent what follows inside the `with`."""
        self(head)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self("pass")
        self._depth -= 1

    def name(self, stem: str) -> str:
        """A name that the program does not have yet."""
        self._names += 1
        return f"{stem}{self._names}"

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"
