"""What is asked of the oracle and what it answers: plain data that crosses a pipe as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Program:
    """A program of one or more files. `main` is run as `__main__`; `callers` (name, text) run after it in the same
    namespace.

    `gradients`: expressions of leaves, evaluated at the end, whose `.grad` is compared with a reference. `witness`:
    run a second time to find out which lines wrote what backward needed. `limit`: seconds.
    """

    files: dict[str, str]
    main: str = "main.py"
    callers: tuple[tuple[str, str], ...] = ()
    gradients: tuple[str, ...] = ()
    witness: bool = False
    limit: float = 20.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Program:
        callers = tuple((name, text) for name, text in data["callers"])
        return cls(data["files"], data["main"], callers, tuple(data["gradients"]), data["witness"], data["limit"])


@dataclass(frozen=True)
class Raised:
    """An exception that left the program. `file` and `line` (from 1): the innermost frame inside the program's files.

    `frames`: every frame inside the program, outermost first, as (file, line).
    """

    type: str
    message: str
    file: str
    line: int
    frames: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SpoiledGradient:
    """A leaf whose gradient torch computed (`found`) differs from the reference; None where there is no gradient."""

    expression: str
    found: list[float] | None
    reference: list[float] | None


@dataclass(frozen=True)
class Witness:
    """What an instrumented second run saw. Lines are (file, line from 1).

    `moved`: the lines that wrote the first saved tensor which backward met at another version. `changed`: the same
    for a saved tensor whose values had changed although its version had not. `forbidden`: the lines that wrote a
    family one of whose views may not be written. `backwards`: the lines that called a backward. `gradients_differ`:
    the leaves' gradients are not those computed from copies taken at the saves.
    """

    moved: tuple[tuple[str, int], ...] = ()
    changed: tuple[tuple[str, int], ...] = ()
    forbidden: tuple[tuple[str, int], ...] = ()
    backwards: tuple[tuple[str, int], ...] = ()
    gradients_differ: bool = False


@dataclass(frozen=True)
class Report:
    """What torch did with a program. `failure`: why it could not be judged (over its time limit, or the process died)."""

    raised: Raised | None = None
    spoiled: tuple[SpoiledGradient, ...] = ()
    witness: Witness | None = None
    failure: str = ""

    @property
    def ran(self) -> bool:
        """The program came to its end."""
        return self.raised is None and not self.failure

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Report:
        raised = data["raised"]
        witness = data["witness"]
        return cls(
            raised=None if raised is None else Raised(**{**raised, "frames": _lines(raised["frames"])}),
            spoiled=tuple(SpoiledGradient(**item) for item in data["spoiled"]),
            witness=None if witness is None else Witness(**{name: _lines(value) for name, value in witness.items()}),
            failure=data["failure"],
        )


def _lines(value: Any) -> Any:
    """Pairs that JSON made lists of are tuples again; anything else is left."""
    return tuple((file, line) for file, line in value) if isinstance(value, list) else value
