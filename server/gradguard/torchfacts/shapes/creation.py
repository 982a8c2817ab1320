"""Operators that make tensors: filled, random, ranges, like another one; and changes of dtype."""

from __future__ import annotations

import math
from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.layout import fresh, preserved, unlaid
from gradguard.torchfacts.shapes.values import (
    UNKNOWN_INTEGER,
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    Unknown,
    as_sizes,
    integer,
    integers,
    size,
    sizes,
    subject,
    tensor,
)


def _is_strided(arguments: Arguments) -> bool:
    layout = arguments.get("layout")
    if layout is not None and str(layout) != "torch.strided":
        raise Undetermined
    return True


def _wanted_shape(arguments: Arguments) -> Shape | None:
    try:
        return sizes(arguments, "size", "shape")
    except Undetermined:
        return None


def _filled(default: str) -> Rule:
    """`zeros`, `rand` and their like: a size and perhaps a dtype."""

    def rule(arguments: Arguments) -> Results:
        _is_strided(arguments)
        dtype = dtypes.dtype_argument(arguments, default)
        shape = _wanted_shape(arguments)
        if arguments.get("memory_format") is not None:
            return (unlaid(shape, dtype),)
        return (fresh(shape, dtype),)

    return rule


def _full(arguments: Arguments) -> Results:
    _is_strided(arguments)
    value = arguments.get("fill_value")
    known = value.dtype if isinstance(value, Geometry) else dtypes.number_dtype(value)
    return (fresh(_wanted_shape(arguments), dtypes.dtype_argument(arguments, known)),)


def _like(default: str | None = None) -> Rule:
    """`zeros_like` and its like: shape, layout and dtype of another tensor."""

    def rule(arguments: Arguments) -> Results:
        _is_strided(arguments)
        own = subject(arguments)
        dtype = dtypes.dtype_argument(arguments, default or own.dtype)
        wanted = arguments.get("memory_format")
        if wanted is None or str(wanted) == "torch.preserve_format":
            return (preserved(own, dtype),)
        if str(wanted) == "torch.contiguous_format":
            return (fresh(own.shape, dtype),)
        return (unlaid(own.shape, dtype),)

    return rule


def _new(arguments: Arguments) -> Results:
    """`new_zeros` and its like: a size, with the dtype of another tensor."""
    _is_strided(arguments)
    return (fresh(_wanted_shape(arguments), dtypes.dtype_argument(arguments, subject(arguments).dtype)),)


def _arange(arguments: Arguments) -> Results:
    start, end, step = arguments.get("start", 0), arguments.get("end"), arguments.get("step", 1)
    bounds = (start, end, step)
    known = [bound for bound in bounds if isinstance(bound, (int, float))]
    default: str | None = None
    if any(isinstance(bound, float) for bound in bounds):
        default = dtypes.DEFAULT
    elif all(isinstance(bound, int) or bound is UNKNOWN_INTEGER for bound in bounds):
        default = "int64"
    dtype = dtypes.dtype_argument(arguments, default)
    length: int | None = None
    # With an integer dtype torch cuts fractions off before it counts.
    whole = default == "int64" or (dtype is not None and not dtypes.is_integral(dtype))
    if len(known) == 3 and whole:
        if not known[2]:
            raise Inconsistent
        length = math.ceil((known[1] - known[0]) / known[2])
        if length < 0:
            raise Inconsistent
    return (fresh((length,), dtype),)


def _steps(arguments: Arguments) -> Results:
    return (fresh((size(arguments.get("steps", 100)),), dtypes.dtype_argument(arguments, _bounds_dtype(arguments))),)


def _bounds_dtype(arguments: Arguments) -> str | None:
    for name in ("start", "end"):
        value = arguments.get(name)
        if isinstance(value, complex) or (
            isinstance(value, Geometry) and (not value.dtype or dtypes.is_complex(value.dtype))
        ):
            return None
    return dtypes.DEFAULT


def _eye(arguments: Arguments) -> Results:
    rows = size(arguments.get("n"))
    columns = size(arguments["m"]) if arguments.get("m") is not None else rows
    return (fresh((rows, columns), dtypes.dtype_argument(arguments, dtypes.DEFAULT)),)


def _window(arguments: Arguments) -> Results:
    length = size(arguments.get("window_length", arguments.get("M")))
    return (fresh((length,), dtypes.dtype_argument(arguments, dtypes.DEFAULT)),)


def _randperm(arguments: Arguments) -> Results:
    return (fresh((size(arguments.get("n")),), dtypes.dtype_argument(arguments, "int64")),)


def _normal(arguments: Arguments) -> Results:
    mean, std = arguments.get("mean"), arguments.get("std")
    if "self" in arguments:
        own = subject(arguments)
        return (preserved(own, own.dtype),)
    given = [item for item in (mean, std) if isinstance(item, Geometry)]
    if given:
        return (unlaid(given[0].shape if len(given) == 1 else None, given[0].dtype),)
    return _filled(dtypes.DEFAULT)(arguments)


def _scalar(arguments: Arguments) -> Results:
    return (fresh((), dtypes.dtype_argument(arguments, dtypes.DEFAULT)),)


def literal_geometry(data: object, dtype: str | None = None) -> Geometry:
    """The geometry of `torch.tensor(data)`: numbers or nested lists of them; an unknown number leaves the dtype open."""
    shape: list[int | None] = []
    level = data
    while isinstance(level, (tuple, list)):
        shape.append(len(level))
        if not level:
            break
        level = level[0]
    if isinstance(level, Geometry):
        shape.extend(level.shape if level.shape is not None else ())
        if level.shape is None:
            return Geometry(None, None, 0, dtype or level.dtype)
    elif isinstance(level, Unknown) and level is not UNKNOWN_INTEGER:
        # It may be a number or a list.
        return Geometry(None, None, 0, dtype)
    found = dtypes.DEFAULT if isinstance(level, (tuple, list)) else _leaf_dtype(data)
    return fresh(tuple(shape), dtype or found)


def _leaf_dtype(data: object) -> str | None:
    """The dtype that holds all numbers; complex over float over int over bool."""
    if isinstance(data, (tuple, list)):
        found = {_leaf_dtype(item) for item in data}
        if None in found:
            return None
        ranked = ("bool", "int64", dtypes.DEFAULT, dtypes.DEFAULT_COMPLEX)
        known = [dtype for dtype in found if dtype is not None]
        return max(known, key=ranked.index) if all(dtype in ranked for dtype in known) else None
    if data is UNKNOWN_INTEGER:
        return "int64"
    if isinstance(data, Geometry):
        return data.dtype
    return dtypes.number_dtype(data)


def _tensor(arguments: Arguments) -> Results:
    data = arguments.get("data", arguments.get("obj"))
    dtype = dtypes.dtype_argument(arguments, "")
    if isinstance(data, Geometry):
        return (preserved(data, dtype if dtype != "" else data.dtype),)
    if data is None or isinstance(data, Unknown):
        return (Geometry(None, None, None, dtype or None),)
    return (literal_geometry(data, dtype or None),)


def _to(arguments: Arguments) -> Results:
    own = subject(arguments)
    other = arguments.get("other")
    wanted = other.dtype if isinstance(other, Geometry) else dtypes.dtype_argument(arguments, own.dtype)
    return (_converted(own, wanted, arguments),)


def _converted(own: Geometry, wanted: str | None, arguments: Arguments) -> Geometry:
    """`own` itself where nothing changes, else a copy in preserve_format."""
    if arguments.get("memory_format") is not None and str(arguments["memory_format"]) != "torch.preserve_format":
        return Geometry(own.shape, None, None, wanted)
    if arguments.get("copy", False) is True or (wanted != own.dtype and wanted is not None and own.dtype is not None):
        return preserved(own, wanted)
    if wanted == own.dtype and wanted is not None and arguments.get("copy", False) is False:
        return own
    copied = preserved(own, wanted)
    same = copied.strides == own.strides and copied.contiguous == own.contiguous
    return copied if same and own.offset == 0 else Geometry(own.shape, None, None, wanted)


def _cast(dtype: str) -> Rule:
    def rule(arguments: Arguments) -> Results:
        return (_converted(subject(arguments), dtype, arguments),)

    return rule


def _type(arguments: Arguments) -> Results:
    own = subject(arguments)
    if arguments.get("dtype") is None:
        return ()
    return (_converted(own, dtypes.dtype_name(arguments["dtype"]), {}),)


def _type_as(arguments: Arguments) -> Results:
    return (_converted(subject(arguments), tensor(arguments, "other").dtype, {}),)


def _to_copy(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (_converted(own, dtypes.dtype_argument(arguments, own.dtype), {**arguments, "copy": True}),)


def _empty_strided(arguments: Arguments) -> Results:
    default = dtypes.DEFAULT if "self" not in arguments else subject(arguments).dtype
    strides = integers(arguments.get("stride"))
    shape = as_sizes(arguments.get("size"))
    if len(shape) != len(strides):
        raise Inconsistent
    return (Geometry(shape, strides, 0, dtypes.dtype_argument(arguments, default)),)


def _empty_permuted(arguments: Arguments) -> Results:
    return (unlaid(as_sizes(arguments.get("size")), dtypes.dtype_argument(arguments, dtypes.DEFAULT)),)


def _multinomial(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh((*own.shape[:-1], integer(arguments, "num_samples")) if own.shape else None, "int64"),)


CASTS: Final = {
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "int": "int32", "long": "int64",
    "short": "int16", "char": "int8", "byte": "uint8", "bool": "bool", "cfloat": "complex64", "cdouble": "complex128",
    "chalf": "complex32",
}  # fmt: skip

RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys("zeros ones empty rand randn".split(), _filled(dtypes.DEFAULT)),
    **dict.fromkeys("zeros_like ones_like empty_like full_like rand_like randn_like randint_like".split(), _like()),
    **dict.fromkeys("new_zeros new_ones new_empty new_full".split(), _new),
    **dict.fromkeys(("arange", "range"), _arange),
    **dict.fromkeys(("linspace", "logspace"), _steps),
    **dict.fromkeys("hann_window hamming_window blackman_window bartlett_window kaiser_window".split(), _window),
    **dict.fromkeys(("empty_strided", "new_empty_strided"), _empty_strided),
    **dict.fromkeys(("tensor", "as_tensor", "asarray"), _tensor),
    **{name: _cast(dtype) for name, dtype in CASTS.items()},
    "randint": _filled("int64"),
    "full": _full,
    "eye": _eye,
    "randperm": _randperm,
    "normal": _normal,
    "scalar_tensor": _scalar,
    "to": _to,
    "type": _type,
    "type_as": _type_as,
    "_to_copy": _to_copy,
    "empty_permuted": _empty_permuted,
    "multinomial": _multinomial,
}
