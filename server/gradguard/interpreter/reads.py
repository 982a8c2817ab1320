"""What an analysis read, so that an edit elsewhere need not repeat it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gradguard.interpreter.scopes import header_of, names_changed
from gradguard.text.chunks import Chunk, differing
from gradguard.text.tables import Table, version_after

if TYPE_CHECKING:
    from gradguard.interpreter.program import Program
    from gradguard.text.source import SourceFile

K = TypeVar("K")
Name = tuple[str, str]
"""A file, and a module-level name in it."""

Import = tuple[str, str, int]
"""The file that imports, the module, and the number of leading dots."""


class Script(NamedTuple):
    """A module that was run from top to bottom: a function or class whose body was not `read` counts only by its header."""

    chunks: Sequence[Chunk]
    read: Set[Chunk]

    def holds(self, now: Sequence[Chunk]) -> bool:
        """Whether the run would see the same in the statements `now`."""
        old, new = differing(self.chunks, now)
        return len(old) == len(new) and all(self._seen(a) == self._seen(b) for a, b in zip(old, new, strict=True))

    def _seen(self, chunk: Chunk) -> object:
        return chunk if chunk in self.read else header_of(chunk) or chunk


class Reads:
    """The parts of the program that the runs of one entry depended on.

    `names`: each module-level name with the statements that bound it, none if it was not bound. `imports`: the file that was meant.
    `scripts`: by path, what was run from top to bottom.
    """

    __slots__ = ("imports", "names", "scripts")

    def __init__(self) -> None:
        self.names: dict[Name, tuple[Chunk, ...]] = {}
        self.imports: dict[Import, str | None] = {}
        self.scripts: dict[str, Script] = {}

    def merge(self, other: Reads) -> None:
        """Add what another run of the same entry read."""
        self.names.update(other.names)
        self.imports.update(other.imports)


class Readers:
    """Who read what: by name and import the entries that did, so that a change leads to them alone.

    All entries' reads hold for the program as it was when this was made. `known`: the same before `changed` (entry to what it read
    before and reads now) came; it is not changed.
    """

    __slots__ = ("_imports", "_names", "_resolution", "_scripts", "_sources", "_targets")

    def __init__(
        self, program: Program, changed: Mapping[str, tuple[Reads, Reads]], known: Readers | None = None
    ) -> None:
        self._names: Table[Name, frozenset[str]] = _regrouped(
            known._names if known is not None else None,
            {entry: (old.names.keys(), new.names.keys()) for entry, (old, new) in changed.items()},
        )
        self._imports: Table[Import, frozenset[str]] = _regrouped(
            known._imports if known is not None else None,
            {entry: (old.imports.keys(), new.imports.keys()) for entry, (old, new) in changed.items()},
        )
        self._targets: Table[Import, str | None] = version_after(known._targets if known is not None else None)
        self._scripts: Table[str, dict[str, Script]] = version_after(known._scripts if known is not None else None)
        self._resolution = program.resolution
        paths = dict.fromkeys(known._sources if known is not None else ())
        for entry, (_, reads) in changed.items():
            self._targets.update(reads.imports)
            self._scripts.pop(entry, None)
            if reads.scripts:
                self._scripts[entry] = reads.scripts
            paths.update((path, None) for path, _ in reads.names)
            paths.update(dict.fromkeys(reads.scripts))
        self._sources: dict[str, SourceFile | None] = {path: program.source(path) for path in paths}

    @property
    def paths(self) -> Iterable[str]:
        """The files of which something was read."""
        return self._sources.keys()

    def stale(self, program: Program) -> set[str]:
        """The entries that read what is not any more as it was."""
        stale: set[str] = set()
        for path, before in self._sources.items():
            now = program.source(path)
            if now is before:
                continue
            if now is None or before is None:
                stale.update(entry for (read, _), entries in self._names.items() if read == path for entry in entries)
            else:
                stale.update(*(self._names.get((path, name), ()) for name in names_changed(before, now)))
        if program.resolution is not self._resolution:
            for key, entries in self._imports.items():
                if program.resolve(*key) != self._targets[key]:
                    stale |= entries
        for entry, scripts in self._scripts.items():
            for path, script in scripts.items():
                source = program.source(path)
                if source is None or not script.holds(source.chunks):
                    stale.add(entry)
        return stale


def _regrouped(
    known: Table[K, frozenset[str]] | None, changed: Mapping[str, tuple[Set[K], Set[K]]]
) -> Table[K, frozenset[str]]:
    """Who read each key, after entries that read the first set of keys read the second."""
    groups: Table[K, frozenset[str]] = version_after(known)
    gone: defaultdict[K, set[str]] = defaultdict(set)
    came: defaultdict[K, set[str]] = defaultdict(set)
    for entry, (before, now) in changed.items():
        for key in now - before:
            came[key].add(entry)
        for key in before - now:
            gone[key].add(entry)
    for key in {*gone, *came}:
        entries = (groups.pop(key, frozenset()) - gone[key]) | came[key]
        if entries:
            groups[key] = entries
    return groups
