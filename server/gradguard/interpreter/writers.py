"""Which functions of a file can lead to an in-place write or a second backward, told from the text alone.

Most functions of a library cannot, and need not be run. A function may lead to one if it holds one, or calls something in the file that
does; a module's `forward` also if its class makes a layer that writes (an activation made in place in `__init__`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from gradguard.interpreter import scopes
from gradguard.interpreter.deeds import FORWARDS, Deeds, deeds_of

if TYPE_CHECKING:
    from gradguard.text.chunks import Chunk

# What a text without any of these cannot do. Coarse and fast; `deeds` looks closer.
_WRITE = re.compile(
    r"inplace|backward\(|\bgrad\(|\.step\(|\.data\s*=|\bout=|max_norm|numpy|\bi(?:add|sub|mul|truediv|matmul)\b|setitem"
    r"|(?:[-+*/%@&|^]|//|\*\*|<<|>>)=(?!=)|\]\s*=(?!=)|[^\W_]_\(|(?:LU6?|lu6?|ropout\w*|ard\w+|ish|hreshold)\([^()]*\bTrue\b"
)
_NAME = re.compile(r"[^\W\d]\w*")
_TORCH = re.compile(r"torch|[Tt]ensor|lightning|fastai|\bnn\b|backward")
_BEFORE_USE = re.compile(
    r"__init__$|__post_init__$|__init_subclass__$|reset_(?:\w+_)?parameters$|\w*init(?:iali[sz]e)?(?:_\w*)?$"
)

MOST_CALLS = 2
"""What a function writes was nearly always made by it or by those that call it; callers farther away are not run for its sake."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Text(NamedTuple):
    """What the text of a statement shows at first sight: whether it may write, and the names that it mentions."""

    writes: bool
    names: frozenset[str]


class Definition(NamedTuple):
    """A function by the name that entries call it (`Class.method`), with what its own text can do.

    `owner`: the class, "" for a function. `last`: the name without it. `before_use`: whether it runs before anything is computed, so
    that its writes are of weights that nothing has saved.
    """

    name: str
    node: Function
    deeds: Deeds
    owner: str
    last: str
    before_use: bool


class Outline(NamedTuple):
    """A top-level statement: the functions in it (of a class, its methods), and the rest by itself."""

    definitions: tuple[Definition, ...]
    rest: Deeds


# Nothing here may hold the chunk itself alive.
_texts: WeakKeyDictionary[Chunk, Text] = WeakKeyDictionary()
_outlines: WeakKeyDictionary[Chunk, Outline] = WeakKeyDictionary()


class Reach:
    """Names in a file that lead to a write.

    `functions` and `methods` write when they are called, `classes` when their instances are; `builders` return what does.
    """

    def __init__(self) -> None:
        self.functions: set[str] = set()
        self.methods: set[tuple[str, str]] = set()
        self.classes: set[str] = set()
        self.builders: set[str] = set()

    def further(self, chunks: Sequence[Chunk]) -> Reach:
        """What leads to a write over one call more."""
        wider = Reach()
        for chunk in chunks:
            definitions, rest = _outline_of(chunk)
            for definition in definitions:
                owner, last = definition.owner, definition.last
                if not owner:
                    if self.leads(definition, chunk):
                        wider.functions.add(last)
                    if self._builds(definition.deeds, last):
                        wider.builders.add(last)
                elif not definition.before_use and self.leads(definition, chunk):
                    wider.methods.add((owner, last))
                    wider.classes.add(owner)
            if definitions and definitions[0].owner and self._makes(chunk, definitions[0].owner):
                wider.classes.add(definitions[0].owner)
            elif not definitions and self._builds(rest, ""):
                wider.builders |= scopes.names_bound(chunk)
        return wider

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reach) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # its sets grow

    def leads(self, definition: Definition, chunk: Chunk) -> bool:
        """Whether running the function can lead to a write."""
        deeds, owner, last = definition.deeds, definition.owner, definition.last
        if deeds.writes:
            return True
        if definition.before_use:
            return False
        others = deeds.names - {last}
        if not self.functions.isdisjoint(others) or any((owner, name) in self.methods for name in deeds.own - {last}):
            return True
        if owner and last in FORWARDS and self._makes(chunk, owner):
            return True
        return deeds.calls and self._builds(deeds, owner)

    def touches(self, chunk: Chunk) -> bool:
        """Whether running the statement itself can lead to a write."""
        rest = _outline_of(chunk).rest
        return rest.writes or not (self.functions | self.classes | self.builders).isdisjoint(rest.names)

    def _builds(self, deeds: Deeds, own: str) -> bool:
        names = deeds.names - {own}
        return deeds.builds or not self.classes.isdisjoint(names) or not self.builders.isdisjoint(names)

    def _makes(self, chunk: Chunk, owner: str) -> bool:
        """Whether instances of the class hold, or are, something that writes."""
        definitions, rest = _outline_of(chunk)
        makers = [d.deeds for d in definitions if d.last == "__init__" or not d.before_use]
        return any(self._builds(deeds, owner) for deeds in (rest, *makers))


class Writers:
    """What leads to a write in the file of `chunks`."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._chosen = _mentioning(chunks)
        rounds = [Reach()]
        while len(rounds) < 2 or rounds[-1] != rounds[-2]:
            rounds.append(rounds[-1].further(self._chosen))
        self._near = rounds[min(MOST_CALLS, len(rounds) - 1)]
        self._far = rounds[-1]

    def candidates(self) -> list[tuple[Chunk, Definition]]:
        """The functions worth running, in the order of the file."""
        if not any(_TORCH.search(line) for chunk in self._chunks for line in chunk.lines):
            return []
        return [
            (chunk, definition)
            for chunk in self._chosen
            for definition in _outline_of(chunk).definitions
            if self._near.leads(definition, chunk)
        ]

    def touched_by(self, chunk: Chunk) -> bool:
        """Whether running the statement can lead to a write, over however many calls."""
        return chunk in self._chosen and self._far.touches(chunk)


def _mentioning(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The statements that write or name one that does, at first sight."""
    writers: set[str] = set()
    pending = list(chunks)
    chosen: set[Chunk] = set()
    while found := [c for c in pending if (text := _text_of(c)).writes or not writers.isdisjoint(text.names)]:
        chosen.update(found)
        for chunk in found:
            writers |= scopes.names_bound(chunk)
        pending = [chunk for chunk in pending if chunk not in chosen]
    return [chunk for chunk in chunks if chunk in chosen]


def _text_of(chunk: Chunk) -> Text:
    text = _texts.get(chunk)
    if text is None:
        source = "".join(chunk.lines)
        text = _texts[chunk] = Text(_WRITE.search(source) is not None, frozenset(_NAME.findall(source)))
    return text


def _outline_of(chunk: Chunk) -> Outline:
    outline = _outlines.get(chunk)
    if outline is None:
        functions: list[tuple[str, Function]] = []
        rest: list[ast.stmt] = []
        for node in chunk.tree:
            if isinstance(node, Function):
                functions.append((node.name, node))
            elif isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, Function):
                        functions.append((f"{node.name}.{inner.name}", inner))
                    else:
                        rest.append(inner)
                rest += [ast.Expr(base) for base in node.bases]
            else:
                rest.append(node)
        outline = _outlines[chunk] = Outline(tuple(_definition(name, node) for name, node in functions), deeds_of(rest))
    return outline


def _definition(name: str, node: Function) -> Definition:
    owner, _, last = name.rpartition(".")
    return Definition(name, node, deeds_of([node]), owner, last, _BEFORE_USE.match(last) is not None)
