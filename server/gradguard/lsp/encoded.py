"""JSON that is put together from pieces which were encoded before, so that saying the same again costs next to nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

_BRIEF = (",", ":")


class Encoded(str):
    """A value as JSON text, in ASCII. It goes into messages as it is."""

    __slots__ = ()


def encoded(value: object) -> Encoded:
    """`value`, made of Python's plain types, as JSON."""
    return value if isinstance(value, Encoded) else Encoded(json.dumps(value, separators=_BRIEF))


def array_of(items: Iterable[Encoded]) -> Encoded:
    """A JSON array."""
    return Encoded(f"[{','.join(items)}]")


def object_of(members: Mapping[str, object]) -> Encoded:
    """A JSON object; members that are None are left out, as LSP wants it of optional ones."""
    texts = (f"{json.dumps(name)}:{encoded(value)}" for name, value in members.items() if value is not None)
    return Encoded(f"{{{','.join(texts)}}}")
