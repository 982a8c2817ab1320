"""torch's dtypes: categories, promotion, and how a `dtype=` argument is read.

Source: `c10/core/ScalarType.h` (promoteTypes) and `aten/src/ATen/native/TypeProperties.cpp` (result_type) of torch 2.13;
the tests compare every pair with `torch.promote_types`. The default dtype is taken to be float32.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from gradguard.torchfacts.shapes.values import Arguments, Unknown

DEFAULT: Final = "float32"
DEFAULT_COMPLEX: Final = "complex64"

_BOOL, _INTEGER, _FLOATING, _COMPLEX = range(4)

_CATEGORY: Final = {
    "bool": _BOOL,
    **dict.fromkeys(("uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64"), _INTEGER),
    **dict.fromkeys(("float16", "bfloat16", "float32", "float64"), _FLOATING),
    **dict.fromkeys(("complex32", "complex64", "complex128"), _COMPLEX),
}
_WIDTH: Final = {
    "int8": 8, "int16": 16, "int32": 32, "int64": 64, "float16": 16, "bfloat16": 16, "float32": 32, "float64": 64,
    "complex32": 16, "complex64": 32, "complex128": 64,
}  # fmt: skip
_COMPLEX_OF: Final = {"float16": "complex32", "bfloat16": "complex64", "float32": "complex64", "float64": "complex128"}
_REAL_OF: Final = {"complex32": "float16", "complex64": "float32", "complex128": "float64"}
_ALIASES: Final = {
    "float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32", "short": "int16",
    "cfloat": "complex64", "cdouble": "complex128", "chalf": "complex32",
}  # fmt: skip
_PYTHON_TYPES: Final[dict[object, str]] = {bool: "bool", int: "int64", float: "float64", complex: "complex128"}


def is_floating(dtype: str) -> bool:
    """Whether it is a real floating dtype (float8 kinds included)."""
    return dtype.startswith(("float", "bfloat"))


def is_complex(dtype: str) -> bool:
    """Whether it is a complex dtype."""
    return dtype.startswith("complex")


def is_integral(dtype: str) -> bool:
    """Whether it is an integer dtype or bool."""
    return _CATEGORY.get(dtype, _COMPLEX) <= _INTEGER


def real_of(dtype: str | None) -> str | None:
    """The dtype of a tensor's real part."""
    return None if dtype is None else _REAL_OF.get(dtype, dtype)


def complex_of(dtype: str | None) -> str | None:
    """The complex dtype with this real part; integers count as the default dtype."""
    if dtype is None or is_complex(dtype):
        return dtype
    return _COMPLEX_OF.get(floating_of(dtype) or "")


def floating_of(dtype: str | None) -> str | None:
    """The dtype of `exp` and its like: floating and complex stay, integers become the default dtype."""
    if dtype is None or not is_integral(dtype):
        return dtype
    return DEFAULT


def dtype_argument(arguments: Arguments, default: str | None, name: str = "dtype") -> str | None:
    """The dtype that the argument asks for: `default` if it is missing or None, None if it is unknown."""
    value = arguments.get(name)
    return default if value is None else dtype_name(value)


def dtype_name(value: object) -> str | None:
    """torch's name of a dtype, from that name (`float32`, `torch.long`), a Python type, or a dtype's `str`; None if unknown."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, type):
        return _PYTHON_TYPES.get(value)
    text = str(value).removeprefix("torch.")
    text = _ALIASES.get(text, text)
    return text if text in _CATEGORY or text.startswith("float8") else None


@cache
def promote_types(first: str, second: str) -> str | None:
    """`torch.promote_types`; None where torch refuses or the rule is not known."""
    if first == second:
        return first
    low, high = sorted((first, second), key=lambda dtype: _CATEGORY.get(dtype, -1))
    low_category, high_category = _CATEGORY.get(low), _CATEGORY.get(high)
    if low_category is None or high_category is None:
        return None
    if high_category == _COMPLEX and low_category == _FLOATING:
        return promote_types(_COMPLEX_OF[low], high)
    if low_category < high_category:
        return high
    if high_category == _INTEGER:
        return _promote_integers(first, second)
    if high_category == _FLOATING and {first, second} == {"float16", "bfloat16"}:
        return "float32"
    return max(first, second, key=lambda dtype: _WIDTH[dtype])


def _promote_integers(first: str, second: str) -> str | None:
    if "uint8" in (first, second):
        other = second if first == "uint8" else first
        return "int16" if other == "int8" else other if other in _WIDTH else None
    if first in _WIDTH and second in _WIDTH:
        return max(first, second, key=lambda dtype: _WIDTH[dtype])
    return None


def number_dtype(value: object) -> str | None:
    """The dtype as which a Python number takes part in promotion; None if it is not a number."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64"
    if isinstance(value, float):
        return DEFAULT
    if isinstance(value, complex):
        return DEFAULT_COMPLEX
    return None


def promote(
    dtypes: Iterable[str | None], numbers: Iterable[object] = (), zero_dim: Iterable[str | None] = ()
) -> str | None:
    """The dtype that torch computes in, as `torch.result_type` gives it for any number of operands.

    `dtypes` of tensors with dimensions, `zero_dim` those of tensors without, `numbers` Python numbers. None if it rests on
    something unknown. An unknown number is taken to be real: it leaves a floating dtype alone and makes any other unknown.
    """
    with_dimensions = _promote_all(dtypes)
    without = _promote_all(zero_dim)
    wrapped: str | None = ""
    for number in numbers:
        if isinstance(number, Unknown):
            strongest = with_dimensions or without
            if not strongest or is_integral(strongest):
                return None
            continue
        wrapped = _promote_pair(wrapped, number_dtype(number))
    return _combine(with_dimensions, _combine(without, wrapped)) or None


def _promote_pair(first: str | None, second: str | None) -> str | None:
    if first is None or second is None:
        return None
    if not first or not second:
        return first or second
    return promote_types(first, second)


def _promote_all(dtypes: Iterable[str | None]) -> str | None:
    """The promotion of all; "" if there are none, None if one is unknown."""
    result: str | None = ""
    for dtype in dtypes:
        if dtype != result:
            result = _promote_pair(result, dtype)
    return result


def _combine(higher: str | None, lower: str | None) -> str | None:
    """torch's combine_categories: the lower priority counts only where its category is the higher one."""
    if higher == "":
        return lower
    if lower == "":
        return higher
    if higher is None or lower is None:
        return None
    if is_complex(higher):
        return higher
    if is_floating(higher):
        return complex_of(higher) if is_complex(lower) else higher
    if higher == "bool" or not is_integral(lower):
        return promote_types(higher, lower)
    return higher
