"""Dictionaries that go from version to version with a text: the next version costs what it changes, and those before stay readable.

Only one version, nearly always the newest, holds a dictionary. Each of the others knows in what it differs from the one after it, and
takes the dictionary over when it is read. (Baker, "Shallow binding makes functional arrays fast", 1991.)
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, MutableMapping, Set, ValuesView
from typing import Any, Final, TypeVar, cast

K = TypeVar("K")
V = TypeVar("V")

LONGEST_CHAIN: Final = 64
"""A version that somebody keeps holds on to what came after it; after so many the next one is a copy, and no longer one of them."""

_ABSENT: Final[Any] = object()


class Table(MutableMapping[K, V]):
    """One version. It may be changed until it has a `successor`; its order means nothing.

    Views and iterators are of the version that was read last: use them up at once. Not for several threads.
    """

    __slots__ = ("_age", "_items", "_newer", "_recorded", "_undo")

    def __init__(self, items: Mapping[K, V] | None = None) -> None:
        self._items: dict[K, V] | None = dict(items or {})
        self._newer: Table[K, V] | None = None
        self._undo: dict[K, V] = {}  # what to do to the newer version's dictionary to have this one's
        self._recorded: dict[K, V] | None = None  # the same of the version before this one, while this one can change
        self._age = 0

    def successor(self) -> Table[K, V]:
        """The next version; nothing in it is changed yet."""
        items = self._read()
        if self._age == LONGEST_CHAIN:
            return Table(items)
        made = Table[K, V]()
        made._items, made._age = items, self._age + 1
        self._items, self._newer, self._undo, self._recorded = None, made, {}, None
        made._recorded = self._undo
        return made

    def changed_since(self, older: Table[K, V]) -> Set[K] | None:
        """The keys that are not, or may not be, what they are in `older`; None if that is no version before this one."""
        self._read()
        changed: dict[K, None] = {}
        while older is not self:
            if older._newer is None:
                return None
            changed.update(dict.fromkeys(older._undo))
            older = older._newer
        return changed.keys()

    def _read(self) -> dict[K, V]:
        if self._items is None:
            self._take_over()
        return cast("dict[K, V]", self._items)

    def _take_over(self) -> None:
        """Bring the dictionary here, version by version, and turn round what they know of each other."""
        way: list[Table[K, V]] = [self]
        while (newer := way[-1]._newer) is not None:
            way.append(newer)
        for newer, older in zip(way[::-1], way[-2::-1], strict=False):
            items = cast("dict[K, V]", newer._items)
            back: dict[K, V] = {}
            for key, value in older._undo.items():
                back[key] = items.get(key, _ABSENT)
                _put(items, key, value)
            newer._items, newer._newer, newer._undo, newer._recorded = None, older, back, None
            older._items, older._newer, older._undo, older._recorded = items, None, {}, back

    def _note(self, items: dict[K, V], key: K) -> None:
        if self._recorded is not None and key not in self._recorded:
            self._recorded[key] = items.get(key, _ABSENT)

    def __setitem__(self, key: K, value: V) -> None:
        """Change this version, not those before it."""
        items = self._read()
        self._note(items, key)
        items[key] = value

    def __delitem__(self, key: K) -> None:
        """Raises KeyError."""
        items = self._read()
        self._note(items, key)
        del items[key]

    def __getitem__(self, key: K) -> V:
        """Raises KeyError."""
        return self._read()[key]

    def __contains__(self, key: object) -> bool:
        """Whether there is an entry."""
        return key in self._read()

    def __iter__(self) -> Iterator[K]:
        """The keys."""
        return iter(self._read())

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._read())

    def get(self, key: K, default: Any = None) -> Any:
        """As of a dictionary."""
        return self._read().get(key, default)

    def keys(self) -> KeysView[K]:
        """As of a dictionary."""
        return self._read().keys()

    def values(self) -> ValuesView[V]:
        """As of a dictionary."""
        return self._read().values()

    def items(self) -> ItemsView[K, V]:
        """As of a dictionary."""
        return self._read().items()


def version_after(known: Table[K, V] | None) -> Table[K, V]:
    """The version after `known`; the first one if there is none."""
    return Table() if known is None else known.successor()


def _put(items: dict[K, V], key: K, value: V) -> None:
    if value is _ABSENT:
        items.pop(key, None)
    else:
        items[key] = value
