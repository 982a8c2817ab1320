"""typing_extensions: the same names as typing's."""

from typing import (
    TYPE_CHECKING,
    Generic,
    NamedTuple,
    NewType,
    Protocol,
    TypedDict,
    TypeVar,
    cast,
    final,
    overload,
    override,
    runtime_checkable,
)
