"""Reductions over dimensions, searches with a value and an index, and running totals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.elementwise import broadcast_result, common_dtype
from gradguard.torchfacts.shapes.layout import fresh, preserved, unlaid
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    as_integer,
    dimensions,
    flag,
    integer,
    integers,
    optional_integer,
    shape_of,
    subject,
    tensor,
    wrap,
)

DtypeOf = Callable[["str | None"], "str | None"]


def _same(dtype: str | None) -> str | None:
    return dtype


def _summed(dtype: str | None) -> str | None:
    return "int64" if dtype is not None and dtypes.is_integral(dtype) else dtype


def _truth(dtype: str | None) -> str | None:
    return None if dtype is None else "uint8" if dtype == "uint8" else "bool"


def reduced_shape(shape: Shape, dims: tuple[int, ...] | None, keepdim: bool) -> Shape:
    """The shape without `dims` (None: without any dimension left), which stay as 1 if `keepdim`."""
    if dims is None:
        return (1,) * len(shape) if keepdim else ()
    if keepdim:
        return tuple([1 if place in dims else size for place, size in enumerate(shape)])
    return tuple([size for place, size in enumerate(shape) if place not in dims])


def _reduced(arguments: Arguments, own: Geometry, empty_means_all: bool = True) -> Shape | None:
    """The shape of `own` reduced as `dim` and `keepdim` say; None if that rests on something unknown."""
    dim = arguments.get("dim", arguments.get("axis"))
    try:
        keepdim = flag(arguments, "keepdim")
        if dim is None or (empty_means_all and isinstance(dim, (tuple, list)) and not dim):
            return () if not keepdim else (1,) * len(shape_of(own))
        shape = shape_of(own)
        return reduced_shape(shape, dimensions(dim, len(shape)), keepdim)
    except Undetermined:
        return None


def reduction(dtype_of: DtypeOf, results: int = 1, empty_means_all: bool = True) -> Rule:
    """The rule of `sum` and its like, with `dim`, `keepdim` and perhaps `dtype`."""

    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        dtype = dtypes.dtype_argument(arguments, dtype_of(own.dtype))
        return (fresh(_reduced(arguments, own, empty_means_all), dtype),) * results

    return rule


def _selection(arguments: Arguments) -> Results:
    """`max`, `min`, `median`, `mode`: all elements, along one dimension (value and index), or two tensors."""
    own = subject(arguments)
    if "other" in arguments:
        operands: list[object] = [own, tensor(arguments, "other")]
        return (broadcast_result(operands, common_dtype(operands)),)
    if arguments.get("dim") is None:
        return (fresh((), own.dtype),)
    return _value_and_index(arguments)


def _value_and_index(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = _reduced({"dim": -1, **arguments}, own)
    return fresh(shape, own.dtype), fresh(shape, "int64")


def _position(arguments: Arguments) -> Results:
    return (fresh(_reduced(arguments, subject(arguments)), "int64"),)


def _extremes(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh(_reduced(arguments, own), own.dtype),) * 2


def _sorted(arguments: Arguments) -> Results:
    own = subject(arguments)
    return preserved(own, own.dtype), preserved(own, "int64")


def _argsort(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (preserved(own, "int64"),)


def _same_shape(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (preserved(own, own.dtype),)


def _topk(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape: Shape | None = None
    try:
        sizes = list(shape_of(own))
        place = wrap(integer(arguments, "dim", -1), len(sizes))
        if sizes:
            try:
                sizes[place] = integer(arguments, "k")
            except Undetermined:
                sizes[place] = None
        shape = tuple(sizes)
    except Undetermined:
        pass
    return fresh(shape, own.dtype), fresh(shape, "int64")


def _cumulative(dtype_of: DtypeOf) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        dtype = dtypes.dtype_argument(arguments, dtype_of(own.dtype))
        return (fresh(own.shape, dtype),)

    return rule


def _running_extreme(arguments: Arguments) -> Results:
    own = subject(arguments)
    return fresh(own.shape, own.dtype), fresh(own.shape, "int64")


def _norm(arguments: Arguments) -> Results:
    own = subject(arguments)
    dtype = dtypes.real_of(dtypes.dtype_argument(arguments, dtypes.floating_of(own.dtype)))
    return (fresh(_reduced(arguments, own), dtype),)


def _variance(results: int, with_mean: bool) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        # `var(x, True)`: an overload takes `unbiased` alone; then all dimensions are reduced.
        shape = _reduced(arguments, own)
        first = fresh(shape, dtypes.real_of(own.dtype))
        return (first, fresh(shape, own.dtype)) if with_mean else (first,)

    return rule


def _dist(arguments: Arguments) -> Results:
    operands: list[object] = [subject(arguments), tensor(arguments, "other")]
    return (fresh((), dtypes.real_of(common_dtype(operands))),)


def _quantile(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = _reduced(arguments, own)
    q = arguments.get("q")
    if isinstance(q, Geometry):
        if shape is None or q.shape is None:
            return (unlaid(None, own.dtype),)
        return (unlaid(q.shape + shape, own.dtype),)
    if not isinstance(q, (int, float)):
        return (unlaid(None, own.dtype),)
    return (unlaid(shape, own.dtype),)


def _all_elements(dtype_of: DtypeOf) -> Rule:
    def rule(arguments: Arguments) -> Results:
        return (fresh((), dtype_of(subject(arguments).dtype)),)

    return rule


def _trapezoid(cumulative: bool) -> Rule:
    def rule(arguments: Arguments) -> Results:
        y = tensor(arguments, "y")
        shape = shape_of(y)
        dtype = dtypes.floating_of(y.dtype)
        x = arguments.get("x")
        if x is not None:
            if not isinstance(x, Geometry) or x.shape is None or len(x.shape) > 1 or x.dtype != y.dtype:
                raise Undetermined
        place = wrap(integer(arguments, "dim", -1), len(shape))
        if not cumulative:
            return (unlaid(reduced_shape(shape, (place,), False), dtype),)
        length = shape[place]
        fewer = None if length is None else max(length - 1, 0)
        return (unlaid(shape[:place] + (fewer,) + shape[place + 1 :], dtype),)

    return rule


def _gradient(arguments: Arguments) -> Results:
    """Differences along each dimension, or along those named."""
    own = subject(arguments)
    dim = arguments.get("dim")
    count = len(shape_of(own) if dim is None else integers(dim))
    return (unlaid(own.shape, dtypes.floating_of(own.dtype)),) * count


def _histogram_with_edges(arguments: Arguments) -> Results:
    own = subject(arguments)
    bins = arguments.get("bins", 100)
    if isinstance(bins, Geometry):
        edges = shape_of(bins)[0]
        return fresh((None if edges is None else edges - 1,), own.dtype), fresh((edges,), own.dtype)
    count = as_integer(bins)
    return fresh((count,), own.dtype), fresh((count + 1,), own.dtype)


def _unique(arguments: Arguments) -> Results:
    """The values that occur; how many is not known."""
    own = subject(arguments)
    if arguments.get("dim") is not None:
        raise Undetermined
    results = [fresh((None,), own.dtype)]
    if flag(arguments, "return_inverse"):
        results.append(unlaid(own.shape, "int64"))
    if flag(arguments, "return_counts"):
        results.append(fresh((None,), "int64"))
    return tuple(results)


def _diff(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = list(shape_of(own))
    if not shape:
        raise Inconsistent
    place = wrap(integer(arguments, "dim", -1), len(shape))
    length = shape[place]
    if integer(arguments, "n", 1) == 0:
        return (unlaid(own.shape, own.dtype),)
    for name in ("prepend", "append"):
        extra = arguments.get(name)
        if extra is None:
            continue
        if not isinstance(extra, Geometry) or extra.dtype != own.dtype:
            raise Undetermined
        added = shape_of(extra)[place] if extra.shape else 1
        length = None if length is None or added is None else length + added
    if length is not None:
        length = max(length - integer(arguments, "n", 1), 0)
    shape[place] = length
    return (unlaid(tuple(shape), own.dtype),)


def _histogram(arguments: Arguments) -> Results:
    bins = optional_integer(arguments, "bins") if "bins" in arguments else 100
    return (fresh((bins,), subject(arguments).dtype),)


def _equal(arguments: Arguments) -> Results:
    """Operators that give a Python value: no tensor comes out."""
    return ()


def _sum_to_size(arguments: Arguments) -> Results:
    own = subject(arguments)
    size = arguments.get("size")
    if not isinstance(size, (tuple, list)):
        raise Undetermined
    wanted = tuple([as_integer(item) for item in size])
    if wanted == own.shape and wanted:
        return (own,)
    return (unlaid(wanted, _summed(own.dtype)),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("sum", "prod", "nansum"), reduction(_summed)),
    **dict.fromkeys(("mean", "nanmean", "logsumexp", "special_logsumexp"), reduction(dtypes.floating_of)),
    **dict.fromkeys(("amax", "amin"), reduction(_same)),
    **dict.fromkeys(("any", "all"), reduction(_truth, empty_means_all=False)),
    **dict.fromkeys(("max", "min", "median", "nanmedian"), _selection),
    **dict.fromkeys(("mode", "kthvalue"), _value_and_index),
    **dict.fromkeys(("argmax", "argmin", "count_nonzero"), _position),
    **dict.fromkeys(("sort", "msort_with_indices"), _sorted),
    **dict.fromkeys(("std", "var"), _variance(1, with_mean=False)),
    **dict.fromkeys(("std_mean", "var_mean"), _variance(2, with_mean=True)),
    **dict.fromkeys(("cumsum", "cumprod"), _cumulative(_summed)),
    **dict.fromkeys(("cummax", "cummin"), _running_extreme),
    **dict.fromkeys(("norm", "linalg_vector_norm", "linalg_norm_all"), _norm),
    **dict.fromkeys(("quantile", "nanquantile"), _quantile),
    **dict.fromkeys(("trapz", "trapezoid"), _trapezoid(cumulative=False)),
    **dict.fromkeys(("frobenius_norm", "nuclear_norm", "native_norm"), _norm),
    "cumulative_trapezoid": _trapezoid(cumulative=True),
    "gradient": _gradient,
    "histogram": _histogram_with_edges,
    "unique": _unique,
    **dict.fromkeys(("equal", "allclose", "item", "is_nonzero", "_local_scalar_dense"), _equal),
    "aminmax": _extremes,
    "argsort": _argsort,
    "msort": _same_shape,
    "topk": _topk,
    "logcumsumexp": _cumulative(dtypes.floating_of),
    "dist": _dist,
    "trace": _all_elements(_summed),
    "diff": _diff,
    "histc": _histogram,
    "sum_to_size": _sum_to_size,
}
