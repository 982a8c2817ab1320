"""Which functions of a file can lead to an in-place write or a second backward, told from the text alone.

Most functions of a library cannot, and need not be run. A function may lead to one if it holds one, or names something in the file that
does; a module's `forward` also if its class does anywhere (an activation made in place in `__init__`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from gradguard.interpreter import scopes

if TYPE_CHECKING:
    from gradguard.text.chunks import Chunk

_WRITE = re.compile(
    r"inplace|backward\(|\.step\(|\.data\b|autograd\.grad|\bout=|numpy|(?:[-+*/%@&|^]|//|\*\*|<<|>>)=(?!=)|\]\s*=(?!=)|\w_\("
)
_NAME = re.compile(r"[^\W\d]\w*")
_MODULE_ENTRIES = ("forward", "__call__", "training_step")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Text(NamedTuple):
    """What the text of a statement or function shows: whether it may write, and the names that it mentions."""

    writes: bool
    names: frozenset[str]


class Definition(NamedTuple):
    """A function by the name that entries call it (`Class.method`), with what its own text shows."""

    name: str
    node: Function
    text: Text


# Nothing here may hold the chunk itself alive.
_texts: WeakKeyDictionary[Chunk, Text] = WeakKeyDictionary()
_definitions: WeakKeyDictionary[Chunk, tuple[Definition, ...]] = WeakKeyDictionary()


def candidates(chunks: Sequence[Chunk]) -> list[tuple[Chunk, Definition]]:
    """The functions worth running, in the order of the file."""
    writers: set[str] = set()
    pending = list(chunks)
    chosen: set[Chunk] = set()
    while True:
        found = [c for c in pending if (text := _text_of(c)).writes or not writers.isdisjoint(text.names)]
        if not found:
            break
        chosen.update(found)
        for chunk in found:
            writers |= scopes.names_bound(chunk)
        pending = [chunk for chunk in pending if chunk not in chosen]
    return [
        (chunk, definition)
        for chunk in chunks
        if chunk in chosen
        for definition in _definitions_of(chunk)
        if _leads_to_write(definition, writers, _text_of(chunk))
    ]


def _leads_to_write(definition: Definition, writers: set[str], around: Text) -> bool:
    text = definition.text
    own, _, last = definition.name.rpartition(".")
    if text.writes or (around.writes and last in _MODULE_ENTRIES):
        return True
    return not writers.isdisjoint(text.names - {own, last})


def _shown(lines: Sequence[str]) -> Text:
    source = "".join(lines)
    return Text(_WRITE.search(source) is not None, frozenset(_NAME.findall(source)))


def _text_of(chunk: Chunk) -> Text:
    text = _texts.get(chunk)
    if text is None:
        text = _texts[chunk] = _shown(chunk.lines)
    return text


def _definitions_of(chunk: Chunk) -> tuple[Definition, ...]:
    definitions = _definitions.get(chunk)
    if definitions is None:
        functions: list[tuple[str, Function]] = []
        for node in chunk.tree:
            if isinstance(node, Function):
                functions.append((node.name, node))
            elif isinstance(node, ast.ClassDef):
                functions += [
                    (f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, Function)
                ]
        definitions = _definitions[chunk] = tuple(
            Definition(name, node, _shown(chunk.lines[node.lineno - 1 : node.end_lineno])) for name, node in functions
        )
    return definitions
