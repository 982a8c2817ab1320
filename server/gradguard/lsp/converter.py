"""Messages from plain JSON data and back, without code that is made at run time.

cattrs writes and compiles two functions for each class that it meets. That pays where thousands of objects are alike; a session
meets most of its classes once, at start, while the user waits. Diagnostics, of which there are many, do not come this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
from cattrs.gen import override
from lsprotocol import types
from pygls.protocol import default_converter

if TYPE_CHECKING:
    from cattrs import Converter

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def strict_converter() -> Converter:
    """pygls' converter, but a number where a text belongs is a mistake, not its digits."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _strict(kind))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _reader(converter, cls))
    converter.register_unstructure_hook_factory(attrs.has, lambda cls: _writer(converter, cls))
    return converter


def _strict(kind: type) -> Callable[[object, type], object]:
    def structure(value: object, target: type) -> object:
        if target is not kind:
            return target(value)  # an enumeration, which is a subclass
        if type(value) is not kind:
            raise TypeError(f"{kind.__name__} expected, not {value!r:.80}")
        return value

    return structure


def _reader(converter: Converter, cls: Any) -> Callable[[object, type], object]:
    members = [(_name_in_json(field.name), field.alias, field.type) for field in attrs.fields(cls) if field.init]

    def structure(value: object, _: type) -> object:
        if not isinstance(value, Mapping):
            raise TypeError(f"an object expected, not {value!r:.80}")
        return cls(**{alias: converter.structure(value[key], kind) for key, alias, kind in members if key in value})

    # By these cattrs tells the members of a union apart.
    overrides = {field.name: override(rename=_name_in_json(field.name)) for field in attrs.fields(cls)}
    structure.overrides = overrides  # type: ignore[attr-defined]
    return structure


def _writer(converter: Converter, cls: Any) -> Callable[[object], dict[str, object]]:
    members = [
        # LSP wants some members even where they are null.
        (_name_in_json(field.name), field.name, attrs.NOTHING if _always_there(cls, field.name) else field.default)
        for field in attrs.fields(cls)
        if field.init
    ]

    def unstructure(value: object) -> dict[str, object]:
        return {
            key: member if type(member) in _PLAIN else converter.unstructure(member)
            for key, name, default in members
            if (member := getattr(value, name)) != default
        }

    return unstructure


def _always_there(cls: type, name: str) -> bool:
    return types.is_special_property(cls, name)


def _name_in_json(name: str) -> str:
    first, *others = name.removesuffix("_").split("_")
    return first + "".join(other.title() for other in others)
