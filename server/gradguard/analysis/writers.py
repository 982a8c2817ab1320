"""What one top-level statement of a file shows of in-place writes, told from its text alone; `reach.py` puts the statements together."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from gradguard.analysis.deeds import Deeds, deeds_of

if TYPE_CHECKING:
    from gradguard.text.chunks import Chunk

# What a text without any of these cannot do. Coarse and fast; `deeds` looks closer. The patterns begin with a literal, to which `re` jumps,
# and look back from there.
_WORDS = ("inplace", "backward(", ".step(", "max_norm", "numpy", "setitem")
_OPERATORS = frozenset({"iadd", "isub", "imul", "itruediv", "imatmul"})
_WRITES = (
    re.compile(r"_\((?<=[^\W_]_\()"),
    re.compile(r"=(?!=)(?:(?<=[-+*/%@&|^]=)|(?<=<<=)|(?<=>>=))"),
    re.compile(r"\]\s*=(?!=)"),
    re.compile(r"\.data\s*="),
    re.compile(r"out=(?<!\wout=)"),
    re.compile(r"grad\((?<!\wgrad\()"),
)
_FLAG = re.compile(r"(?:LU6?|lu6?|ropout\w*|ard\w+|ish|hreshold)\([^()]*\bTrue\b")
_NAME = re.compile(r"[^\W\d]\w*")
_TORCH = re.compile(r"torch|[Tt]ensor|lightning|fastai|\bnn\b|backward")
_BEFORE_USE = re.compile(
    r"__init__$|__post_init__$|__init_subclass__$|reset_(?:\w+_)?parameters$|\w*init(?:iali[sz]e)?(?:_\w*)?$"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Text(NamedTuple):
    """What the text of a statement shows at first sight.

    `writes`: whether it may write. `about_torch`: whether it speaks of torch at all. `names`: those that it mentions.
    """

    writes: bool
    about_torch: bool
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


def text_of(chunk: Chunk) -> Text:
    """What `chunk` shows at first sight, without parsing it."""
    text = _texts.get(chunk)
    if text is None:
        source = "".join(chunk.lines)
        names = frozenset(_NAME.findall(source))
        text = _texts[chunk] = Text(_may_write(source, names), _TORCH.search(source) is not None, names)
    return text


def _may_write(source: str, names: frozenset[str]) -> bool:
    return (
        any(word in source for word in _WORDS)
        or not _OPERATORS.isdisjoint(names)
        or any(pattern.search(source) for pattern in _WRITES)
        or ("True" in source and _FLAG.search(source) is not None)
    )


def outline_of(chunk: Chunk) -> Outline:
    """The functions in `chunk` and the rest of it, with what each can do by itself."""
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
