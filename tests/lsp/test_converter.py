"""Messages are read and written as pygls' own converter does it."""

from __future__ import annotations

import enum
import random
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from gradguard.lsp.converter import strict_converter

THEIRS, OURS = default_converter(), strict_converter()
CLASSES = [
    kind
    for name, kind in sorted(types.ALL_TYPES_MAP.items())
    # In it lsprotocol takes an action that has a command for a command.
    if isinstance(kind, type) and attrs.has(kind) and name != "CodeActionResponse"
]
DEPTH = 4


def invented(kind: Any, chance: random.Random, depth: int = 0) -> Any:
    """Something of the type `kind`, with members that may be left out left out at random."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union:
        if type(None) in arguments and (depth > DEPTH or chance.random() < 0.5):
            return None
        return invented(chance.choice([each for each in arguments if each is not type(None)]), chance, depth)
    if origin is typing.Literal:
        return chance.choice(arguments)
    if origin is tuple:
        return tuple(invented(each, chance, depth + 1) for each in arguments)
    if origin is not None and issubclass(origin, Mapping):
        return {} if depth > DEPTH else {invented(arguments[0], chance): invented(arguments[1], chance, depth + 1)}
    if origin is not None and issubclass(origin, Sequence):
        return [] if depth > DEPTH else [invented(arguments[0], chance, depth + 1) for _ in range(chance.randrange(3))]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return chance.choice(list(kind))
    if isinstance(kind, type) and attrs.has(kind):
        return instance(kind, chance, depth + 1)
    simple = {str: "a text", int: 3, bool: True, float: 0.5, type(None): None, Any: "anything", object: {}}
    return simple.get(kind, "a name")


def instance(kind: Any, chance: random.Random, depth: int = 0) -> Any:
    """An object of lsprotocol's class `kind`."""
    members = {}
    for field in attrs.fields(kind):
        if field.default is attrs.NOTHING or (depth < DEPTH and chance.random() < 0.7):
            members[field.alias] = invented(field.type, chance, depth)
    try:
        return kind(**members)
    except (TypeError, ValueError):  # a constant, or a text where a validator wants one of some
        return kind(
            **{name: each for name, each in members.items() if attrs.fields_dict(kind)[name].default is attrs.NOTHING}
        )


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_is_written_and_read_alike(kind: Any) -> None:
    chance = random.Random(kind.__name__)
    for _ in range(5):
        message = instance(kind, chance)
        try:
            written = THEIRS.unstructure(message)
        except Exception:
            continue  # it cannot write some results that are left out
        assert OURS.unstructure(message) == written
        try:
            read = THEIRS.structure(written, kind)
        except Exception:
            continue  # it cannot tell some unions' members apart
        assert OURS.structure(written, kind) == read
