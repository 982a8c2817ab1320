"""What a tape remembers besides its tensors: modes, the hazards found, the writes made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.tape.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradguard.tape.backward import Run
    from gradguard.tape.hazards import Event, Hazard, Write
    from gradguard.tape.node import SavedTensor
    from gradguard.tape.tensor import Tensor
    from gradguard.tape.writes import LoggedWrite


class State:
    """Modes and records of one run.

    `grad_mode`, `inference_mode`, `anomaly_mode`: set by the driver, as the program's context managers do.
    `hazards`: in the order found; of those that one backward finds, the first is the one torch raises.
    `writes`: every in-place write of the program.
    `saved_hooks`: the pack/unpack hooks in force, innermost last.
    `clock`: counts events; it tells what was alive when a write happened.
    `detached`: where `detach_()` cut a tensor off.
    `listening`: some hook or custom backward must be shown gradients.
    `unmarked`: histories that a custom Function made wrong by an unmarked write, with its node, the write and the call.
    `run`: the backward under way.
    """

    __slots__ = (
        "_reported",
        "anomaly_mode",
        "clock",
        "detached",
        "grad_mode",
        "hazards",
        "inference_mode",
        "listening",
        "run",
        "saved_hooks",
        "unmarked",
        "writes",
    )

    def __init__(self) -> None:
        self.grad_mode = True
        self.inference_mode = False
        self.anomaly_mode = False
        self.hazards: list[Hazard] = []
        self.writes: list[LoggedWrite] = []
        self.saved_hooks: list[Callable[[SavedTensor], None]] = []
        self.clock = 0
        self.detached: dict[Tensor, Event] = {}
        self.listening = False
        self.run: Run | None = None
        self.unmarked: dict[tuple[Node, int], tuple[Node, Write, Event]] = {}
        self._reported: set[tuple[str, object]] = set()

    @property
    def tracking(self) -> bool:
        """Whether operators record history."""
        return self.grad_mode and not self.inference_mode

    def report(self, hazard: Hazard, mistake: object) -> None:
        """Record `hazard`, once per kind and `mistake` (the origin of the write, mostly)."""
        key = (type(hazard).__name__, mistake)
        if key not in self._reported:
            self._reported.add(key)
            self.hazards.append(hazard)

    def node(
        self, name: str, operator: str, origin: object, edges: Sequence[Node | None], outputs: Sequence[int]
    ) -> Node:
        """A new node, later than all others."""
        self.clock += 1
        return Node(name, operator, origin, self.clock, edges, outputs)
