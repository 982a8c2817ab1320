"""The operators that return views of their operand, or their operand itself, or a copy where no view is possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.layout import (
    fresh,
    is_contiguous,
    laid_plainly,
    preserved,
    unlaid,
)
from gradguard.torchfacts.shapes.values import (
    UNKNOWN_INTEGER,
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    Unknown,
    as_integer,
    dimensions,
    integer,
    integers,
    optional_integer,
    product,
    shape_of,
    size,
    sizes,
    subject,
    tensor,
    wrap,
)
from gradguard.torchfacts.shapes.views import expand, permute, reshape, resolve_sizes, select, slice_, unsqueeze, view


def _single(rule: Callable[[Geometry, Arguments], Geometry]) -> Rule:
    """A view with one result, of which at least the dtype is known."""

    def guarded(arguments: Arguments) -> Results:
        own = subject(arguments)
        try:
            return (rule(own, arguments),)
        except Undetermined:
            return (Geometry(None, None, None, own.dtype),)

    return guarded


def _sizes_given(arguments: Arguments, *names: str) -> tuple[object, ...]:
    for name in names:
        value = arguments.get(name)
        if isinstance(value, (tuple, list)):
            return tuple(value)
        if value is not None and not isinstance(value, Unknown):
            return (value,)
        if value is UNKNOWN_INTEGER:
            return (value,)
    raise Undetermined


def _view(own: Geometry, arguments: Arguments) -> Geometry:
    if "dtype" in arguments and "size" not in arguments:
        return _view_as_dtype(own, dtypes.dtype_name(arguments["dtype"]))
    return view(own, _sizes_given(arguments, "size", "shape"))


_BYTES: Final = {
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4, "float32": 4,
    "complex32": 4, "int64": 8, "uint64": 8, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip


def _view_as_dtype(own: Geometry, dtype: str | None) -> Geometry:
    if dtype is not None and own.dtype is not None and _BYTES.get(dtype, 0) == _BYTES.get(own.dtype, -1):
        return replace(own, dtype=dtype)
    return Geometry(None, None, None, dtype)


def _view_as(own: Geometry, arguments: Arguments) -> Geometry:
    return view(own, shape_of(tensor(arguments, "other")))


def _reshape(own: Geometry, arguments: Arguments) -> Geometry:
    return reshape(own, _sizes_given(arguments, "shape", "size"))


def _reshape_as(own: Geometry, arguments: Arguments) -> Geometry:
    return reshape(own, shape_of(tensor(arguments, "other")))


def _expand(own: Geometry, arguments: Arguments) -> Geometry:
    return expand(own, _sizes_given(arguments, "size"))


def _expand_as(own: Geometry, arguments: Arguments) -> Geometry:
    return expand(own, shape_of(tensor(arguments, "other")))


def _select(own: Geometry, arguments: Arguments) -> Geometry:
    return select(own, integer(arguments, "dim"), arguments.get("index"))


def _slice(own: Geometry, arguments: Arguments) -> Geometry:
    return slice_(
        own, integer(arguments, "dim", 0), arguments.get("start"), arguments.get("end"), arguments.get("step", 1)
    )


def _narrow(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    dim = wrap(integer(arguments, "dim"), len(shape))
    start, length = arguments.get("start"), size(arguments.get("length"))
    if isinstance(start, (Unknown, Geometry)) or length is None or start is None:
        part = slice_(own, dim, start if start is not None else 0, UNKNOWN_INTEGER, 1)
        resized = shape[:dim] + (length,) + shape[dim + 1 :]
        return Geometry(resized, part.strides, part.offset, own.dtype)
    begin = as_integer(start)
    whole = shape[dim]
    if whole is None:
        offset = None
        if own.offset is not None and own.strides is not None and begin >= 0:
            offset = own.offset + begin * own.strides[dim]
        return Geometry(shape[:dim] + (length,) + shape[dim + 1 :], own.strides, offset, own.dtype)
    begin = begin + whole if begin < 0 else begin
    if begin < 0 or length < 0 or begin + length > whole:
        raise Inconsistent
    return slice_(own, dim, begin, begin + length, 1)


def _transpose(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    first = wrap(as_integer(arguments.get("dim0", arguments.get("axis0"))), rank)
    second = wrap(as_integer(arguments.get("dim1", arguments.get("axis1"))), rank)
    order = list(range(rank))
    if rank:
        order[first], order[second] = order[second], order[first]
    return permute(own, tuple(order))


def _t(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    if rank > 2:
        raise Inconsistent
    return permute(own, tuple(range(rank))[::-1])


def _reversed(own: Geometry, arguments: Arguments) -> Geometry:
    return permute(own, tuple(range(len(shape_of(own))))[::-1])


def _matrix_transpose(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    if rank < 2:
        if rank == 0:
            return own
        raise Inconsistent
    return permute(own, (*range(rank - 2), rank - 1, rank - 2))


def _permute(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    dims = integers(_sizes_given(arguments, "dims"))
    return permute(own, tuple([wrap(dim, rank) for dim in dims]))


def _movedim(own: Geometry, arguments: Arguments) -> Geometry:
    rank = len(shape_of(own))
    source = dimensions(arguments.get("source"), rank)
    target = dimensions(arguments.get("destination"), rank)
    if len(source) != len(target):
        raise Inconsistent
    if rank == 0:
        return own
    rest = iter([place for place in range(rank) if place not in source])
    moved = dict(zip(target, source, strict=True))
    return permute(own, tuple([moved[place] if place in moved else next(rest) for place in range(rank)]))


def _unsqueeze(own: Geometry, arguments: Arguments) -> Geometry:
    return unsqueeze(own, integer(arguments, "dim"))


def _squeeze(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    if arguments.get("dim") is None:
        candidates = tuple(range(len(shape)))
    else:
        candidates = dimensions(arguments["dim"], len(shape))
    if any(shape[place] is None for place in candidates if place < len(shape)):
        raise Undetermined
    kept = [place for place, length in enumerate(shape) if length != 1 or place not in candidates]
    rest = tuple([shape[place] for place in kept])
    if own.contiguous:
        return laid_plainly(rest, own.offset, own.dtype)
    strides = None if own.strides is None else tuple([own.strides[place] for place in kept])
    return Geometry(rest, strides, own.offset, own.dtype)


def _diagonal(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    rank = len(shape)
    linear_algebra = "A" in arguments
    first = wrap(integer(arguments, "dim1", -2 if linear_algebra else 0), rank)
    second = wrap(integer(arguments, "dim2", -1 if linear_algebra else 1), rank)
    if first == second:
        raise Inconsistent
    shift = integer(arguments, "offset", 0)
    rows, columns = shape[first], shape[second]
    length: int | None = None
    if rows is not None and columns is not None:
        length = max(min(rows, columns - shift) if shift >= 0 else min(rows + shift, columns), 0)
    rest = [place for place in range(rank) if place not in (first, second)]
    new_shape = (*[shape[place] for place in rest], length)
    if own.strides is None:
        return Geometry(new_shape, None, None, own.dtype)
    strides = (*[own.strides[place] for place in rest], own.strides[first] + own.strides[second])
    offset = own.offset
    if shift and length is None:
        offset = None
    elif offset is not None and length != 0:
        offset += shift * own.strides[second] if shift >= 0 else -shift * own.strides[first]
    return Geometry(new_shape, strides, offset, own.dtype)


def _unfold(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    dim = wrap(integer(arguments, "dimension"), len(shape))
    window, step = integer(arguments, "size"), integer(arguments, "step")
    if step < 1 or window < 0:
        raise Inconsistent
    if not shape:
        if window > 1:
            raise Inconsistent
        return Geometry((window,), (1,), own.offset, own.dtype)
    length = shape[dim]
    if length is not None and window > length:
        raise Inconsistent
    count = None if length is None else (length - window) // step + 1
    strides = own.strides
    if strides is not None:
        strides = strides[:dim] + (strides[dim] * step,) + strides[dim + 1 :] + (strides[dim],)
    return Geometry(shape[:dim] + (count,) + shape[dim + 1 :] + (window,), strides, own.offset, own.dtype)


def _as_strided(own: Geometry, arguments: Arguments) -> Geometry:
    offset = optional_integer(arguments, "storage_offset")
    shape = sizes(arguments, "size")
    strides = integers(arguments.get("stride"))
    if len(shape) != len(strides):
        raise Inconsistent
    return Geometry(shape, strides, own.offset if offset is None else offset, own.dtype)


def _alias(own: Geometry, arguments: Arguments) -> Geometry:
    return own


def _real(own: Geometry, arguments: Arguments) -> Geometry:
    if own.dtype is None:
        return Geometry(own.shape, None, None, None)
    return own if not dtypes.is_complex(own.dtype) else _part(own, 0)


def _imag(own: Geometry, arguments: Arguments) -> Geometry:
    if own.dtype is None:
        return Geometry(own.shape, None, None, None)
    if not dtypes.is_complex(own.dtype):
        raise Inconsistent
    return _part(own, 1)


def _part(own: Geometry, shift: int) -> Geometry:
    strides = None if own.strides is None else tuple([2 * stride for stride in own.strides])
    offset = None if own.offset is None else 2 * own.offset + shift
    return Geometry(own.shape, strides, offset, dtypes.real_of(own.dtype))


def _view_as_real(own: Geometry, arguments: Arguments) -> Geometry:
    part = _part(own, 0)
    strides = None if part.strides is None else (*part.strides, 1)
    return Geometry((*shape_of(own), 2), strides, part.offset, part.dtype)


def _view_as_complex(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    if not shape or shape[-1] not in (2, None):
        raise Inconsistent
    strides = None if own.strides is None else tuple([stride // 2 for stride in own.strides[:-1]])
    offset = None if own.offset is None else own.offset // 2
    return Geometry(shape[:-1], strides, offset, dtypes.complex_of(own.dtype))


def _flatten(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    start = wrap(integer(arguments, "start_dim", 0), len(shape))
    end = wrap(integer(arguments, "end_dim", -1), len(shape))
    if start > end:
        raise Inconsistent
    if not shape:
        return reshape(own, (1,))
    if start == end:
        return own
    return reshape(own, (*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :]))


def _ravel(own: Geometry, arguments: Arguments) -> Geometry:
    # torch: contiguous().view(-1), where reshape would be a view of any evenly spaced memory.
    plain = is_contiguous(own)
    if plain:
        return view(own, (-1,))
    shape = (own.numel,)
    return fresh(shape, own.dtype) if plain is False else Geometry(shape, None, None, own.dtype)


def _unflatten(own: Geometry, arguments: Arguments) -> Geometry:
    shape = shape_of(own)
    dim = wrap(integer(arguments, "dim"), len(shape))
    pieces = _sizes_given(arguments, "sizes", "unflattened_size")
    part = resolve_sizes(Geometry((shape[dim],)), pieces)
    return view(own, (*shape[:dim], *part, *shape[dim + 1 :]))


def _contiguous(own: Geometry, arguments: Arguments) -> Geometry:
    plain = is_contiguous(own)
    if arguments.get("memory_format") is not None and str(arguments["memory_format"]) != "torch.contiguous_format":
        return Geometry(own.shape, None, None, own.dtype)
    if plain:
        return own
    if plain is False:
        return fresh(own.shape, own.dtype)
    return laid_plainly(own.shape, None, own.dtype)


def _clone(own: Geometry, arguments: Arguments) -> Geometry:
    wanted = arguments.get("memory_format")
    if wanted is None or str(wanted) == "torch.preserve_format":
        return preserved(own, own.dtype)
    if str(wanted) == "torch.contiguous_format":
        return fresh(own.shape, own.dtype)
    return unlaid(own.shape, own.dtype)


def _atleast(rank: int) -> Rule:
    def one(own: Geometry) -> Geometry:
        missing = rank - len(shape_of(own))
        if missing <= 0:
            return own
        if rank == 3 and missing == 1:
            return unsqueeze(own, -1)
        if rank == 3 and missing == 2:
            return unsqueeze(unsqueeze(own, 0), -1)
        return view(own, (1,) * missing) if missing == rank else unsqueeze(own, 0)

    def rule(arguments: Arguments) -> Results:
        several = arguments.get("tensors")
        if isinstance(several, (tuple, list)):
            return tuple([one(item) for item in several if isinstance(item, Geometry)])
        return (one(subject(arguments)),)

    return rule


def copied(rule: Rule) -> Rule:
    """A form like `view_copy`, whose results are contiguous copies of what the view would be."""

    def copying(arguments: Arguments) -> Results:
        return tuple([fresh(view.shape, view.dtype) for view in rule(arguments)])

    return copying


_VIEWS: Final[dict[str, Rule]] = {
    **dict.fromkeys(("view", "_unsafe_view"), _single(_view)),
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _single(_transpose)),
    **dict.fromkeys(("movedim", "moveaxis"), _single(_movedim)),
    **dict.fromkeys(("T", "numpy_T"), _single(_reversed)),
    **dict.fromkeys(("mT", "mH", "adjoint", "matrix_H"), _single(_matrix_transpose)),
    **dict.fromkeys(("t", "H"), _single(_t)),
    **dict.fromkeys(("expand", "broadcast_to"), _single(_expand)),
    **dict.fromkeys(("diagonal", "linalg_diagonal"), _single(_diagonal)),
    **dict.fromkeys(
        ("alias", "detach", "data", "conj", "positive", "resolve_conj", "resolve_neg", "_conj", "lift_fresh"),
        _single(_alias),
    ),
    "view_as": _single(_view_as),
    "reshape": _single(_reshape),
    "reshape_as": _single(_reshape_as),
    "expand_as": _single(_expand_as),
    "select": _single(_select),
    "slice": _single(_slice),
    "narrow": _single(_narrow),
    "permute": _single(_permute),
    "unsqueeze": _single(_unsqueeze),
    "squeeze": _single(_squeeze),
    "unfold": _single(_unfold),
    "as_strided": _single(_as_strided),
    "real": _single(_real),
    "imag": _single(_imag),
    "view_as_real": _single(_view_as_real),
    "view_as_complex": _single(_view_as_complex),
    "flatten": _single(_flatten),
    "ravel": _single(_ravel),
    "unflatten": _single(_unflatten),
    "contiguous": _single(_contiguous),
    "clone": _single(_clone),
    "atleast_1d": _atleast(1),
    "atleast_2d": _atleast(2),
    "atleast_3d": _atleast(3),
}

RULES: Final[dict[str, Rule]] = {
    **_VIEWS,
    **{f"{name}_copy": copied(rule) for name, rule in _VIEWS.items()},
    # Of views with the operand's own layout the copy preserves it, as `clone` does.
    **dict.fromkeys(("alias_copy", "detach_copy"), _single(_clone)),
}
