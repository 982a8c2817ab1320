"""The things a tape's tensors are made of: memory, version counters, and tensors as handles onto both.

A storage is an identity; a counter belongs to a view family, not to a storage: one memory may have several counters
(`x.data`, numpy), which is how writes slip past the check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from gradguard.torchfacts.geometry import UNKNOWN_GEOMETRY

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradguard.tape.hazards import Bypass, Event
    from gradguard.tape.node import Node, SavedTensor
    from gradguard.tape.writes import LoggedWrite
    from gradguard.torchfacts.geometry import Geometry

Entry = TypeVar("Entry")

# How a view came about decides whether it may be written (torch: CreationMeta).
DEFAULT = 0
MULTI_OUTPUT = 1
NO_GRAD = 2
INFERENCE = 3
CUSTOM_FUNCTION = 4


# Most memory is never written after it was made, and most families are never saved: they share one empty list, replaced at the first
# entry (`append`). A tensor costs a few objects less that way, and so does every sweep of Python's garbage collector.
NOTHING: Final[list[Any]] = []


def append(entries: list[Entry], entry: Entry) -> list[Entry]:
    """`entries` with `entry` at the end; assign the result."""
    if not entries:
        return [entry]
    entries.append(entry)
    return entries


class Storage:
    """One piece of memory. `content` counts every change of its values, seen by a counter or not; `log` holds the changes.

    `received`: set when the memory is a gradient that a hook or a custom backward was handed.
    """

    __slots__ = ("content", "log", "received")

    def __init__(self) -> None:
        self.content = 0
        self.log: list[tuple[int, LoggedWrite]] = NOTHING
        self.received: Event | None = None


class Counter:
    """A view family's version. `writes` and `saves` are the family's, oldest first.

    `counts`: False for inference tensors, which have no counter. `uncertain`: what is aliased, or how far the version has moved,
    is not known; nothing is reported about the family. `maybe_saved`: a node may keep one of the family, which is not known either.
    """

    __slots__ = ("counts", "maybe_saved", "saves", "uncertain", "version", "writes")

    def __init__(self) -> None:
        self.version = 0
        self.writes: list[LoggedWrite] = NOTHING
        self.saves: list[SavedTensor] = NOTHING
        self.uncertain = False
        self.maybe_saved = False
        self.counts = True


class Tensor:
    """A tensor as autograd sees it.

    `base`: the root of the view family, None for a root. `parent`: the tensor it was directly taken from, alias or view.
    `meta`: how a view was created. `node`, `output`: the stored gradient function and which of its outputs this is; `seen`: the
    version at which a view's node was made (a later version makes it stale). `wants_grad`: the leaf's own flag.
    `maybe_grad`: whether it requires grad is not known, though nothing in view says so.
    `dropped`: the program holds it no longer. `copied`: the memory it is a copy of, and the content then.
    `operator`, `origin`: what made it. `bypass`: how it came to share memory outside the counter of what it was taken from.
    """

    __slots__ = (
        "accumulator",
        "base",
        "bypass",
        "copied",
        "counter",
        "dropped",
        "geometry",
        "grad",
        "inference",
        "maybe_grad",
        "meta",
        "node",
        "operator",
        "origin",
        "output",
        "parent",
        "post_hooks",
        "retains_grad",
        "seen",
        "storage",
        "wants_grad",
    )

    def __init__(
        self,
        operator: str,
        origin: object,
        geometry: Geometry = UNKNOWN_GEOMETRY,
        storage: Storage | None = None,
        counter: Counter | None = None,
    ) -> None:
        self.operator = operator
        self.origin = origin
        self.geometry = geometry
        self.storage = Storage() if storage is None else storage
        self.counter = counter = Counter() if counter is None else counter
        self.seen = counter.version
        self.base: Tensor | None = None
        self.parent: Tensor | None = None
        self.meta = DEFAULT
        self.node: Node | None = None
        self.output = 0
        self.wants_grad = False
        self.maybe_grad = False
        self.inference = False
        self.bypass: Bypass | None = None
        self.copied: tuple[Storage, int] | None = None
        self.accumulator: Node | None = None
        self.grad: Tensor | None = None
        self.retains_grad = False
        self.dropped = False
        self.post_hooks: list[Callable[[Tensor], object]] | None = None

    @property
    def requires_grad(self) -> bool:
        """As torch's `requires_grad`: the leaf's flag, a gradient function, or a base that requires grad."""
        return self.wants_grad or self.node is not None or (self.base is not None and self.base.requires_grad)

    @property
    def version(self) -> int:
        """As torch's `_version`, if the tape saw the tensor being made; else only differences count."""
        return self.counter.version

    @property
    def uncertain(self) -> bool:
        """Whether nothing may be reported about its saves and writes."""
        return self.counter.uncertain

    @property
    def is_view(self) -> bool:
        """Whether autograd treats it as a view (a detached alias is none)."""
        return self.base is not None

    def __repr__(self) -> str:
        return f"<Tensor by {self.operator} at {self.origin!r}>"


def alias_of(source: Tensor, operator: str, origin: object, inference_mode: bool) -> Tensor:
    """A tensor with the memory, counter and geometry of `source`, outside its history (as `detach` makes)."""
    tensor = Tensor(operator, origin, source.geometry, source.storage, None if source.inference else source.counter)
    tensor.parent = source
    tensor.bypass = source.bypass
    if source.inference:
        # Still an inference tensor, but one made outside inference mode has a counter, and may be written.
        tensor.inference = True
        tensor.counter.counts = not inference_mode
        tensor.counter.uncertain = source.uncertain
    return tensor
