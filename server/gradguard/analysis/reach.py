"""Which functions of a file can lead to an in-place write or a second backward, told from the text alone.

Most functions of a library cannot, and need not be run. A function may lead to one if it holds one, or calls something in the file that
does; a module's `forward` also if its class makes a layer that writes (an activation made in place in `__init__`).

How far a name is from a write is a shortest path: one more than the nearest of the names that it mentions. After an edit the distances
are worked out again only where a mentioned name has another one than before.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from itertools import compress
from operator import attrgetter, not_
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeVar

from gradguard.analysis.deeds import FORWARDS, Deeds
from gradguard.analysis.writers import Definition, Outline, Text, outline_of, text_of
from gradguard.interpreter.budget import Interrupted, never
from gradguard.interpreter.scopes import index_of, names_bound
from gradguard.text.tables import Table, version_after

if TYPE_CHECKING:
    from gradguard.text.chunks import Chunk
    from gradguard.text.source import SourceFile

T = TypeVar("T")

MOST_CALLS: Final = 2
"""What a function writes was nearly always made by it or by those that call it; callers farther away are not run for its sake."""

NEVER: Final = sys.maxsize - 1

_NOTHING: Final[Mapping[Fact, int]] = MappingProxyType({})
_names, _about_torch = attrgetter("names"), attrgetter("about_torch")


class Fact(NamedTuple):
    """Something in the file that leads to a write: `name`, or the method `method` of the class `name`.

    Functions and methods write when they are called; builders are classes whose instances do, and what returns those.
    """

    kind: Literal["functions", "methods", "builders"]
    name: str
    method: str = ""


class Distances:
    """How many calls each fact is away from a write."""

    def __init__(self, known: Distances | None = None) -> None:
        self.facts: Table[Fact, int] = version_after(known.facts if known is not None else None)
        self._functions: Table[str, int] = version_after(known._functions if known is not None else None)
        self._builders: Table[str, int] = version_after(known._builders if known is not None else None)

    def put(self, fact: Fact, far: int) -> None:
        """Note a fact, or that it is somewhere else than was known; NEVER takes it out."""
        _put(self.facts, fact, far)
        if fact.kind == "functions":
            _put(self._functions, fact.name, far)
        elif fact.kind == "builders":
            _put(self._builders, fact.name, far)

    def concern(self, names: Set[str]) -> bool:
        """Whether any of `names` leads to a write."""
        return not (self._functions.keys().isdisjoint(names) and self._builders.keys().isdisjoint(names))

    def leads(self, definition: Definition, outline: Outline) -> int:
        """How far running the function is from a write; NEVER if it cannot lead to one."""
        deeds, owner, last = definition.deeds, definition.owner, definition.last
        if deeds.writes:
            return 0
        if definition.before_use:
            return NEVER
        far = _nearest(self._functions, deeds.names, last)
        if owner:
            methods = (Fact("methods", owner, name) for name in deeds.own if name != last)
            far = min((far, *(self.facts.get(method, NEVER) for method in methods)))
            if last in FORWARDS:
                far = min(far, self._makes(outline, owner))
        return min(far, self._builds(deeds, owner)) if deeds.calls else far

    def touches(self, outline: Outline) -> bool:
        """Whether running the statement itself can lead to a write, over however many calls."""
        rest = outline.rest
        return rest.writes or min(_nearest(self._functions, rest.names), _nearest(self._builders, rest.names)) < NEVER

    def facts_of(self, chunk: Chunk) -> Iterator[tuple[Fact, int]]:
        """What `chunk` adds to the facts, given those known; a fact may come twice."""
        outline = outline_of(chunk)
        definitions = outline.definitions
        for definition in definitions:
            owner, last = definition.owner, definition.last
            if owner and definition.before_use:
                continue
            far = self.leads(definition, outline) + 1
            if far < NEVER:
                yield (Fact("methods", owner, last) if owner else Fact("functions", last)), far
                if owner:
                    yield Fact("builders", owner), far
            if not owner and (far := self._builds(definition.deeds, last) + 1) < NEVER:
                yield Fact("builders", last), far
        if definitions and definitions[0].owner:
            if (far := self._makes(outline, definitions[0].owner) + 1) < NEVER:
                yield Fact("builders", definitions[0].owner), far
        elif not definitions and (far := self._builds(outline.rest, "") + 1) < NEVER:
            yield from ((Fact("builders", name), far) for name in names_bound(chunk))

    def _builds(self, deeds: Deeds, own: str) -> int:
        return 0 if deeds.builds else _nearest(self._builders, deeds.names, own)

    def _makes(self, outline: Outline, owner: str) -> int:
        """How far instances of the class are from holding, or being, something that writes."""
        makers = [d.deeds for d in outline.definitions if d.last == "__init__" or not d.before_use]
        return min(self._builds(deeds, owner) for deeds in (outline.rest, *makers))


def _put(distances: Table[T, int], key: T, far: int) -> None:
    if far < NEVER:
        distances[key] = far
    else:
        distances.pop(key, None)


def _nearest(distances: Table[str, int], names: Set[str], own: str = "") -> int:
    return min((distances[name] for name in distances.keys() & names if name != own), default=NEVER)


class Reach:
    """What leads to a write in `source`. `known`: the same for another version of the file, which stays as it is.

    Raises Interrupted when `interrupted`, which is asked before each statement, becomes true; what was read of the statements stays known.
    `removed`, `renewed`: the statements of `known` that are gone, and those that are new or may lead elsewhere than in `known`.
    `about_torch`: whether anything in the file speaks of torch.
    """

    def __init__(self, source: SourceFile, known: Reach | None = None, interrupted: Callable[[], bool] = never) -> None:
        self.source = source
        self._interrupted = interrupted
        self.removed, new = source.differing(known.source) if known is not None else ((), source.chunks)
        self._binding = index_of(source, known.source if known is not None else None)
        self._texts: Table[Chunk, Text] = version_after(known._texts if known is not None else None)
        self._added: Table[Chunk, dict[Fact, int]] = version_after(known._added if known is not None else None)
        gone = [self._added.pop(chunk, {}) for chunk in self.removed]
        for chunk in self.removed:
            del self._texts[chunk]
        self._texts.update((chunk, text_of(chunk)) for chunk in new)
        before = _nearest_of(gone)
        earlier = known._distances if known is not None else Distances()
        self._distances: Distances = self._without(earlier, before)
        self.renewed: Set[Chunk] = dict.fromkeys(new).keys()
        self._settle()
        after = _nearest_of(self._added.get(chunk, {}) for chunk in new)
        changed = {fact.name for fact, _ in before.items() ^ after.items()}
        concerned = self._concerned(changed) if known is not None else self.renewed
        if len(concerned) > len(self.renewed):
            self.renewed = concerned
            moved = _nearest_of(self._added.pop(chunk, {}) for chunk in concerned)
            self._distances = self._without(earlier, {**before, **moved})
            self._settle()
        self.about_torch: bool = any(map(_about_torch, self._texts.values()))

    def leading(self, chunk: Chunk) -> tuple[Definition, ...]:
        """The functions in `chunk` that are worth running."""
        if not self._may_lead(chunk):
            return ()
        outline = outline_of(chunk)
        return tuple(each for each in outline.definitions if self._distances.leads(each, outline) <= MOST_CALLS)

    def touched_by(self, chunk: Chunk) -> bool:
        """Whether running the statement can lead to a write, over however many calls."""
        return self._may_lead(chunk) and self._distances.touches(outline_of(chunk))

    def _may_lead(self, chunk: Chunk) -> bool:
        """Told without parsing: a statement that neither writes nor names what does is not looked at."""
        text = self._texts[chunk]
        return text.writes or self._distances.concern(text.names)

    def _without(self, known: Distances, gone: Mapping[Fact, int]) -> Distances:
        """The distances of `known` but for `gone`, as far as no statement that stays adds these too."""
        left = Distances(known)
        for fact in gone:  # only statements that bind its name can have added it
            adding = (self._added.get(chunk, _NOTHING) for chunk in self._binding.get(fact.name, ()))
            left.put(fact, min((added[fact] for added in adding if fact in added), default=NEVER))
        return left

    def _concerned(self, names: set[str]) -> Set[Chunk]:
        """The new statements, and those that mention one of `names`, or what such statements bind, and so on."""
        concerned = dict.fromkeys(self.renewed)
        while names:
            mentions = map(not_, map(names.isdisjoint, map(_names, self._texts.values())))
            more = [chunk for chunk in compress(self._texts, mentions) if chunk not in concerned]
            concerned.update(dict.fromkeys(more))
            names = {name for chunk in more for name in names_bound(chunk)}
        return concerned.keys()

    def _settle(self) -> None:
        """Find the facts that the renewed statements add, nearest first, as in Dijkstra's algorithm."""
        bound = {name for chunk in self.renewed for name in names_bound(chunk)}
        mentioning: defaultdict[str, list[Chunk]] = defaultdict(list)
        for chunk in self.renewed:
            for name in self._texts[chunk].names & bound:
                mentioning[name].append(chunk)
        waiting: defaultdict[int, list[tuple[Chunk, Fact]]] = defaultdict(list)

        def look_at(chunks: Iterable[Chunk]) -> None:
            for chunk in chunks:
                if self._interrupted():
                    raise Interrupted
                if self._may_lead(chunk):
                    known = self._added.get(chunk, {})
                    for fact, far in self._distances.facts_of(chunk):
                        if far < known.get(fact, NEVER):
                            waiting[far].append((chunk, fact))

        look_at(self.renewed)
        while waiting:
            far = min(waiting)
            nearer: set[str] = set()
            for chunk, fact in waiting.pop(far):
                added = self._added.setdefault(chunk, {})
                if far < added.get(fact, NEVER):
                    added[fact] = far
                if far < self._distances.facts.get(fact, NEVER):
                    self._distances.put(fact, far)
                    nearer.add(fact.name)
            look_at(dict.fromkeys(chunk for name in sorted(nearer) for chunk in mentioning.get(name, ())))


def _nearest_of(added: Iterable[Mapping[Fact, int]]) -> dict[Fact, int]:
    nearest: dict[Fact, int] = {}
    for facts in added:
        for fact, far in facts.items():
            nearest[fact] = min(far, nearest.get(fact, NEVER))
    return nearest
