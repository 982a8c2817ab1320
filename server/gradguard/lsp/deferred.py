"""lsprotocol's classes, each of which attrs finishes when it is first used.

lsprotocol declares more than five hundred of them; that attrs writes and compiles their methods is most of the time that the import takes,
and resolving the forward references of their fields most of the time that a converter takes. A session uses a tenth of them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import attrs

_define = attrs.define
_finishing = threading.RLock()


def load_types() -> None:
    """Import `lsprotocol.types`, before anything else does: classes that were finished already stay as they are."""
    if "lsprotocol.types" in sys.modules:
        return
    attrs.define = _deferred  # type: ignore[assignment]
    try:
        from lsprotocol import types  # noqa: F401
    finally:
        attrs.define = _define

    from lsprotocol import _hooks

    # `_resolved` does it, class by class.
    _hooks._resolved_forward_references = True


class _Fields:
    """Stands where attrs looks for the fields of a class."""

    def __init__(self, finish: Callable[[], None]) -> None:
        self._finish = finish

    def __get__(self, _: object, owner: Any) -> Any:
        self._finish()
        return owner.__attrs_attrs__


def _deferred(cls: Any = None, **options: Any) -> Any:
    """`attrs.define` at the first instance of `cls`, or the first look at its fields."""
    if cls is None or options:
        return _define(cls, **options)

    def finish() -> None:
        with _finishing:
            if cls.__init__ is first:
                # With slots it would be another class than the one that is already known by its name.
                _define(cls, init=True, slots=False, field_transformer=_resolved)

    def first(self: object, *arguments: Any, **named: Any) -> None:
        finish()
        cls.__init__(self, *arguments, **named)

    cls.__init__ = first
    cls.__attrs_attrs__ = _Fields(finish)
    return cls


def _resolved(cls: type, fields: list[Any]) -> list[Any]:
    """`fields` with types in place of the names of types."""
    from lsprotocol import types

    attrs.resolve_types(cls, types.ALL_TYPES_MAP, {}, attribs=fields)
    return fields
