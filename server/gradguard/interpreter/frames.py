"""Where names live while the program runs: frames of calls, and the scopes of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradguard.interpreter.values import ClassValue, FunctionValue, Value

if TYPE_CHECKING:
    import ast

    from gradguard.interpreter.sites import Site
    from gradguard.text.chunks import Chunk
    from gradguard.text.source import SourceFile

MISSING = object()


class ModuleScope:
    """The names of one module.

    A `lazy` module is never run from top to bottom: a name's chunks are executed when the name is first looked up. `library` marks the
    prelude, whose events are attributed to the user's call; `settled` has those of its names that are final, or final in being MISSING.
    """

    __slots__ = ("dotted", "executed", "index", "lazy", "library", "names", "path", "pending", "settled", "source")

    def __init__(self, path: str, dotted: str, source: SourceFile, *, lazy: bool, library: bool) -> None:
        self.path = path
        self.dotted = dotted
        self.source = source
        self.lazy = lazy
        self.library = library
        self.names: dict[str, Value] = {}
        self.settled: dict[str, Value] = {}
        self.executed: set[Chunk] = set()
        self.pending: set[Chunk] = set()
        self.index: dict[str, tuple[Chunk, ...]] | None = None


class Frame:
    """One activation: of a function, a class body, a comprehension, or a module's top level."""

    __slots__ = (
        "calls",
        "chunk",
        "comprehension",
        "enclosing",
        "function",
        "globals",
        "handled",
        "library",
        "locals",
        "loops",
        "node",
        "nonlocals",
        "owner",
        "scope",
    )

    def __init__(
        self, scope: ModuleScope, chunk: Chunk, enclosing: Frame | None = None, function: FunctionValue | None = None
    ) -> None:
        self.scope = scope
        self.chunk = chunk
        self.enclosing = enclosing
        self.function = function
        self.library = scope.library
        self.locals: dict[str, Value] = {}
        self.globals: set[str] | None = None
        self.nonlocals: set[str] | None = None
        self.node: ast.AST | None = None
        self.loops: list[tuple[object, int]] = []
        self.owner: ClassValue | None = None
        self.handled: Value = None
        self.comprehension = False
        self.calls: tuple[Site, ...] | None = None

    def new_loop(self) -> object | None:
        """The identity of one execution of a loop; None for a loop of the library, which is no loop of the user's."""
        return None if self.library else object()

    @property
    def class_body(self) -> bool:
        """Whether its names are those of a class body, which functions inside do not see."""
        return self.owner is not None and self.function is None and not self.comprehension
