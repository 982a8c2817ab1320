"""The values of the interpreted program.

Python's own constants and containers stand for themselves: an int is an int, a list is a list of values (so identity and mutation come for
free); a tensor is the tape's `Tensor`. Here is what needs a form of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, MutableSet
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

    from gradguard.interpreter.frames import Frame, ModuleScope
    from gradguard.text.chunks import Chunk

Value = Any

CONSTANTS = (int, float, str, type(None))
"""The types of the commonest values that have no parts, to be told from the others at once."""


class Unknown:
    """A value nothing is known about, but which may be recognised when it is met again on the same path.

    `key` makes the same unknown condition have one value along a path (None: never recognised). `default` is the truth to try first.
    `size` counts the operations in the key; a key that would grow beyond `LARGEST_KEY` is given up. `number`: it is a Python number, so
    that a subscript with it is a view.
    """

    __slots__ = ("default", "key", "number", "size")

    def __init__(self, key: object = None, default: bool = True, size: int = 1, number: bool = False) -> None:
        self.key = key if size <= LARGEST_KEY else None
        self.default = default
        self.size = size
        self.number = number

    def part(self, *path: object) -> Unknown:
        """The unknown that is reached from this one by an attribute, an index or an operation."""
        return Unknown(None if self.key is None else (self.key, *path), size=self.size + 1)

    def __repr__(self) -> str:
        return f"Unknown({self.key!r})"


LARGEST_KEY = 12
UNKNOWN = Unknown()


class FunctionValue:
    """A function of the interpreted program (also a lambda), with the frame it closes over."""

    __slots__ = (
        "attributes",
        "chunk",
        "defaults",
        "enclosing",
        "info",
        "keyword_defaults",
        "name",
        "node",
        "owner",
        "scope",
    )

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        info: Any,
        chunk: Chunk,
        scope: ModuleScope,
        enclosing: Frame | None,
        defaults: list[Value],
        keyword_defaults: dict[str, Value],
    ) -> None:
        self.node = node
        self.info = info
        self.chunk = chunk
        self.scope = scope
        self.enclosing = enclosing
        self.defaults = defaults
        self.keyword_defaults = keyword_defaults
        self.owner: ClassValue | None = None
        self.attributes: dict[str, Value] = {}
        self.name: str = getattr(node, "name", "<lambda>")


CLASS_CELL = "__classcell__"
"""The name under which a metaclass is handed the class that is being made, as Python hands it the cell that `super()` reads."""


class ClassValue:
    """A class: of the program, of the prelude, or native (then `native` builds its instances).

    `open`: a base class is unknown, so a missing attribute is unknown rather than absent. `metaclass`: None for `type` itself.
    """

    __slots__ = ("attributes", "bases", "chunk", "metaclass", "mro", "name", "native", "open", "scope")

    def __init__(
        self,
        name: str,
        bases: tuple[ClassValue, ...],
        attributes: dict[str, Value],
        *,
        native: Callable[..., Value] | None = None,
        scope: ModuleScope | None = None,
        chunk: Chunk | None = None,
        open_: bool = False,
    ) -> None:
        self.name = name
        self.bases = bases
        self.attributes = attributes
        self.native = native
        self.scope = scope
        self.chunk = chunk
        self.metaclass: ClassValue | None = next((base.metaclass for base in bases if base.metaclass is not None), None)
        self.mro = _linearise(self)
        self.open: bool = open_ or any(base.open for base in bases)

    def lookup(self, name: str, default: Value = None) -> Value:
        """The attribute `name` as found along the mro, unbound; `default` if there is none."""
        for cls in self.mro:
            if name in cls.attributes:
                return cls.attributes[name]
        return default

    def has_base(self, other: ClassValue) -> bool:
        return other in self.mro

    def native_base(self) -> ClassValue | None:
        """The native class whose payload instances carry (list, dict, Tensor …), if any."""
        for cls in self.mro:
            if cls.native is not None:
                return cls
        return None

    def __repr__(self) -> str:
        return f"<class {self.name}>"


def _linearise(cls: ClassValue) -> tuple[ClassValue, ...]:
    """C3 linearisation; an inconsistent hierarchy falls back to depth first."""
    sequences = [list(base.mro) for base in cls.bases] + [list(cls.bases)]
    result = [cls]
    while sequences := [s for s in sequences if s]:
        for sequence in sequences:
            head = sequence[0]
            if not any(head in other[1:] for other in sequences):
                break
        else:
            head = sequences[0][0]
        result.append(head)
        sequences = [[c for c in s if c is not head] for s in sequences]
    return tuple(result)


class Instance:
    """An object of a class of the program; `payload` is the native value of one that derives from list, dict, str …"""

    __slots__ = ("attributes", "cls", "payload")

    def __init__(self, cls: ClassValue, payload: Value = None) -> None:
        self.cls = cls
        self.attributes: dict[str, Value] = {}
        self.payload = payload

    def __repr__(self) -> str:
        return f"<{self.cls.name} object>"


class BoundMethod:
    """A function with its first argument."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Value, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver


class NativeFunction:
    """A function that the interpreter implements: called as `call(machine, args, kwargs)`."""

    __slots__ = ("call", "name")

    def __init__(self, name: str, call: Callable[[Any, list[Value], dict[str, Value]], Value]) -> None:
        self.name = name
        self.call = call

    def __repr__(self) -> str:
        return f"<native {self.name}>"


class OperatorFunction:
    """A torch function known to the catalog by its public name (`torch.exp`)."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Property:
    """A property object of the program."""

    __slots__ = ("deleter", "getter", "setter")

    def __init__(self, getter: Value, setter: Value = None, deleter: Value = None) -> None:
        self.getter = getter
        self.setter = setter
        self.deleter = deleter


class StaticMethod:
    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function


class ClassMethod:
    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function


class SuperValue:
    """`super()`: looks attributes up behind `after` in the receiver's mro."""

    __slots__ = ("after", "receiver")

    def __init__(self, after: ClassValue, receiver: Value) -> None:
        self.after = after
        self.receiver = receiver


class ModuleValue:
    """An imported module: names are looked up in its scope; `dotted` is its name for the catalog."""

    __slots__ = ("dotted", "scope")

    def __init__(self, dotted: str, scope: ModuleScope | None) -> None:
        self.dotted = dotted
        self.scope = scope


class Deferred:
    """What `from module import name` left in a module's names: not a value yet, but where to find it."""

    __slots__ = ("importer", "level", "module", "name")

    def __init__(self, importer: ModuleScope, module: str, level: int, name: str) -> None:
        self.importer = importer
        self.module = module
        self.level = level
        self.name = name


class NativeModule:
    """A module whose names the interpreter supplies itself."""

    __slots__ = ("dotted", "names")

    def __init__(self, dotted: str, names: dict[str, Value]) -> None:
        self.dotted = dotted
        self.names = names


class GeneratorValue:
    """A started generator or any lazy iterator; `source` yields its values."""

    __slots__ = ("frame", "returned", "sent", "source")

    def __init__(self, source: Iterator[Value]) -> None:
        self.source = source
        self.sent: Value = None
        self.returned: Value = None


class CoroutineValue:
    """A called `async def` that nobody has awaited yet; `frame` is None once it has run."""

    __slots__ = ("frame", "function")

    def __init__(self, function: FunctionValue, frame: Frame) -> None:
        self.function = function
        self.frame: Frame | None = frame


class OrderedSet(MutableSet[Hashable]):
    """A set of the program. It remembers the order of insertion, so that an analysis never depends on hash seeds or addresses."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Hashable] = ()) -> None:
        self._items = dict.fromkeys(items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, value: Hashable) -> None:
        self._items[value] = None

    def discard(self, value: Hashable) -> None:
        self._items.pop(value, None)


class Dtype:
    """`torch.float32` and its like."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Raised(Exception):
    """An exception travelling through the interpreted program; `value` is an instance, or None if only its name is known."""

    def __init__(self, name: str, value: Value = None) -> None:
        super().__init__(name)
        self.name = name
        self.value = value


class PathEnded(Exception):
    """This path cannot be followed further: the budget is spent, or the program left."""
