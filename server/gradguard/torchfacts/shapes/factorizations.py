"""Linear algebra on batches of square matrices: inverses, determinants, decompositions, solvers and norms.

LAPACK works column by column, so most results are not laid out as fresh tensors are: their strides are left open.
"""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.layout import fresh, unlaid
from gradguard.torchfacts.shapes.linear_algebra import agree
from gradguard.torchfacts.shapes.reductions import reduced_shape
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    dimensions,
    flag,
    integer,
    optional_integer,
    shape_of,
    subject,
    tensor,
)


def _matrix(arguments: Arguments) -> Geometry:
    own = tensor(arguments, "A", "self", "input")
    if len(shape_of(own)) < 2:
        raise Inconsistent
    return own


def _square(arguments: Arguments) -> tuple[Geometry, Shape, int | None]:
    """The operand, its batch dimensions and its side."""
    own = _matrix(arguments)
    shape = shape_of(own)
    return own, shape[:-2], agree(shape[-1], shape[-2])


def _smaller(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else min(first, second)


def _same_square(arguments: Arguments) -> Results:
    own, _, _ = _square(arguments)
    return (unlaid(own.shape, own.dtype),)


def _with_info(arguments: Arguments) -> Results:
    own, batch, _ = _square(arguments)
    return unlaid(own.shape, own.dtype), fresh(batch, "int32")


def _determinant(arguments: Arguments) -> Results:
    own, batch, _ = _square(arguments)
    return (fresh(batch, own.dtype),)


def _slogdet(arguments: Arguments) -> Results:
    own, batch, _ = _square(arguments)
    return fresh(batch, own.dtype), fresh(batch, dtypes.real_of(own.dtype))


def _pseudo_inverse(arguments: Arguments) -> Results:
    own = _matrix(arguments)
    shape = shape_of(own)
    return (unlaid((*shape[:-2], shape[-1], shape[-2]), own.dtype),)


def _svd(arguments: Arguments) -> Results:
    own = _matrix(arguments)
    *batch, rows, columns = shape_of(own)
    least = _smaller(rows, columns)
    linear_algebra = "some" not in arguments and "A" in arguments
    full = (
        flag(arguments, "full_matrices", default=True) if linear_algebra else not flag(arguments, "some", default=True)
    )
    left = unlaid((*batch, rows, rows if full else least), own.dtype)
    values = unlaid((*batch, least), dtypes.real_of(own.dtype))
    inner = columns if full else least
    right = (*batch, inner, columns) if linear_algebra else (*batch, columns, inner)
    return left, values, unlaid(right, own.dtype)


def _singular_values(arguments: Arguments) -> Results:
    own = _matrix(arguments)
    *batch, rows, columns = shape_of(own)
    return (unlaid((*batch, _smaller(rows, columns)), dtypes.real_of(own.dtype)),)


def _qr(arguments: Arguments) -> Results:
    own = _matrix(arguments)
    *batch, rows, columns = shape_of(own)
    mode = arguments.get("mode", "reduced" if flag(arguments, "some", default=True) else "complete")
    least = _smaller(rows, columns)
    if mode == "complete":
        return unlaid((*batch, rows, rows), own.dtype), unlaid((*batch, rows, columns), own.dtype)
    if mode == "r":
        return fresh((0,), own.dtype), unlaid((*batch, least, columns), own.dtype)
    if mode != "reduced":
        raise Undetermined
    return unlaid((*batch, rows, least), own.dtype), unlaid((*batch, least, columns), own.dtype)


def _symmetric_eigen(arguments: Arguments) -> Results:
    own, batch, side = _square(arguments)
    return unlaid((*batch, side), dtypes.real_of(own.dtype)), unlaid(own.shape, own.dtype)


def _eigen(arguments: Arguments) -> Results:
    own, batch, side = _square(arguments)
    dtype = dtypes.complex_of(own.dtype)
    return unlaid((*batch, side), dtype), unlaid(own.shape, dtype)


def _symmetric_eigenvalues(arguments: Arguments) -> Results:
    own, batch, side = _square(arguments)
    return (unlaid((*batch, side), dtypes.real_of(own.dtype)),)


def _eigenvalues(arguments: Arguments) -> Results:
    own, batch, side = _square(arguments)
    return (unlaid((*batch, side), dtypes.complex_of(own.dtype)),)


def _lu(arguments: Arguments) -> Results:
    own = _matrix(arguments)
    *batch, rows, columns = shape_of(own)
    least = _smaller(rows, columns)
    lower, upper = unlaid((*batch, rows, least), own.dtype), unlaid((*batch, least, columns), own.dtype)
    if flag(arguments, "pivot", default=True):
        return unlaid((*batch, rows, rows), own.dtype), lower, upper
    return fresh((0,), own.dtype), lower, upper


def _lu_factor(with_info: bool) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = _matrix(arguments)
        *batch, rows, columns = shape_of(own)
        results = unlaid(own.shape, own.dtype), unlaid((*batch, _smaller(rows, columns)), "int32")
        return (*results, fresh(tuple(batch), "int32")) if with_info else results

    return rule


def _solved_shape(matrix: Shape, right: Shape, left: bool) -> Shape:
    if len(right) == 1 or (len(matrix) - 1 == len(right) and matrix[:-1] == right):
        if None in matrix or None in right:
            raise Undetermined
        return right
    batch = broadcast([matrix[:-2], right[:-2]])
    if batch is None:
        raise Undetermined
    agree(matrix[-1], right[-2] if left else right[-1])
    return (*batch, *right[-2:])


def _solve(arguments: Arguments) -> Results:
    own, _, _ = _square(arguments)
    right = tensor(arguments, "B", "other")
    shape = _solved_shape(shape_of(own), shape_of(right), flag(arguments, "left", default=True))
    return (unlaid(shape, right.dtype),)


def _solve_with_info(arguments: Arguments) -> Results:
    _, batch, _ = _square(arguments)
    return (*_solve(arguments), unlaid(batch, "int32"))


def _triangular(arguments: Arguments) -> Results:
    own, _, _ = _square(arguments)
    right = tensor(arguments, "B")
    batch = broadcast([shape_of(own)[:-2], shape_of(right)[:-2]])
    if batch is None or len(shape_of(right)) < 2:
        raise Undetermined
    return (unlaid((*batch, *shape_of(right)[-2:]), right.dtype),)


def _cholesky_solve(arguments: Arguments) -> Results:
    right, factor = subject(arguments), tensor(arguments, "input2")
    batch = broadcast([shape_of(right)[:-2], shape_of(factor)[:-2]])
    if batch is None:
        raise Undetermined
    return (unlaid((*batch, *shape_of(right)[-2:]), right.dtype),)


def _norm(arguments: Arguments) -> Results:
    own = tensor(arguments, "self", "A", "input", "x")
    dtype = dtypes.real_of(dtypes.dtype_argument(arguments, dtypes.floating_of(own.dtype)))
    keepdim = flag(arguments, "keepdim")
    dim = arguments.get("dim")
    if dim is None:
        return (unlaid((1,) * len(shape_of(own)) if keepdim else (), dtype),)
    shape = shape_of(own)
    return (unlaid(reduced_shape(shape, dimensions(dim, len(shape)), keepdim), dtype),)


def _matrix_norm(arguments: Arguments) -> Results:
    return _norm({"dim": (-2, -1), **arguments})


def _rank(arguments: Arguments) -> Results:
    return (unlaid(shape_of(_matrix(arguments))[:-2], "int64"),)


def _condition(arguments: Arguments) -> Results:
    own = _matrix(arguments)
    return (unlaid(shape_of(own)[:-2], dtypes.real_of(own.dtype)),)


def _tensor_inverse(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    cut = integer(arguments, "ind", 2)
    return (unlaid((*shape[cut:], *shape[:cut]), own.dtype),)


def _householder(arguments: Arguments) -> Results:
    own = tensor(arguments, "input", "self")
    return (unlaid(own.shape, own.dtype),)


def _covariance(arguments: Arguments) -> Results:
    own = subject(arguments)
    shape = shape_of(own)
    dtype = dtypes.floating_of(own.dtype)
    rows: int | None = 1 if len(shape) < 2 else shape[0]
    if rows is None:
        return (unlaid(None, dtype),)
    return (unlaid((rows, rows) if rows != 1 else (), dtype),)


def _low_rank(arguments: Arguments) -> Results:
    own = tensor(arguments, "A")
    *batch, rows, columns = shape_of(own)
    count = optional_integer(arguments, "q")
    if count is None:
        raise Undetermined
    return (
        unlaid((*batch, rows, count), own.dtype),
        unlaid((*batch, count), dtypes.real_of(own.dtype)),
        unlaid((*batch, columns, count), own.dtype),
    )


def _lu_solve(arguments: Arguments) -> Results:
    factor = tensor(arguments, "LU", "LU_data")
    right = tensor(arguments, "B", "self", "input")
    left = flag(arguments, "left", default=True)
    batch = broadcast([shape_of(factor)[:-2], shape_of(right)[:-2]])
    if batch is None:
        raise Undetermined
    agree(shape_of(factor)[-1], shape_of(right)[-2 if left else -1])
    return (unlaid((*batch, *shape_of(right)[-2:]), right.dtype),)


def _lu_unpack(arguments: Arguments) -> Results:
    own = tensor(arguments, "LU_data")
    *batch, rows, columns = shape_of(own)
    least = _smaller(rows, columns)
    nothing = fresh((0,), own.dtype)
    pivots, data = flag(arguments, "unpack_pivots", default=True), flag(arguments, "unpack_data", default=True)
    return (
        unlaid((*batch, rows, rows), own.dtype) if pivots else nothing,
        unlaid((*batch, rows, least), own.dtype) if data else nothing,
        unlaid((*batch, least, columns), own.dtype) if data else nothing,
    )


def _indefinite(with_info: bool) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own, batch, side = _square(arguments)
        results = unlaid(own.shape, own.dtype), unlaid((*batch, side), "int32")
        return (*results, unlaid(batch, "int32")) if with_info else results

    return rule


def _tensor_solve(arguments: Arguments) -> Results:
    own, right = subject(arguments), tensor(arguments, "other", "B")
    shape = list(shape_of(own))
    if arguments.get("dims") is not None:
        raise Undetermined
    return (unlaid(tuple(shape[len(shape_of(right)) :]), right.dtype),)


def _geqrf(arguments: Arguments) -> Results:
    own = _matrix(arguments)
    *batch, rows, columns = shape_of(own)
    return unlaid(own.shape, own.dtype), unlaid((*batch, _smaller(rows, columns)), own.dtype)


def _ormqr(arguments: Arguments) -> Results:
    right = tensor(arguments, "other", "input3")
    return (unlaid(right.shape, right.dtype),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(
        """linalg_inv inverse linalg_cholesky cholesky cholesky_inverse linalg_matrix_power matrix_power linalg_matrix_exp
        matrix_exp""".split(),
        _same_square,
    ),
    **dict.fromkeys(("linalg_inv_ex", "linalg_cholesky_ex"), _with_info),
    **dict.fromkeys(("linalg_det", "det", "logdet"), _determinant),
    **dict.fromkeys(("linalg_slogdet", "slogdet"), _slogdet),
    **dict.fromkeys(("linalg_pinv", "pinverse"), _pseudo_inverse),
    **dict.fromkeys(("linalg_svd", "svd"), _svd),
    **dict.fromkeys(("linalg_qr", "qr"), _qr),
    **dict.fromkeys(("linalg_householder_product", "orgqr"), _householder),
    **dict.fromkeys(("cov", "corrcoef"), _covariance),
    **dict.fromkeys(("svd_lowrank", "pca_lowrank"), _low_rank),
    **dict.fromkeys(("linalg_lu_solve", "lu_solve"), _lu_solve),
    "lu_unpack": _lu_unpack,
    "linalg_ldl_factor": _indefinite(with_info=False),
    "linalg_ldl_factor_ex": _indefinite(with_info=True),
    "linalg_tensorsolve": _tensor_solve,
    "geqrf": _geqrf,
    "ormqr": _ormqr,
    "linalg_svdvals": _singular_values,
    "linalg_eigh": _symmetric_eigen,
    "linalg_eig": _eigen,
    "linalg_eigvalsh": _symmetric_eigenvalues,
    "linalg_eigvals": _eigenvalues,
    "linalg_lu": _lu,
    "linalg_lu_factor": _lu_factor(with_info=False),
    "linalg_lu_factor_ex": _lu_factor(with_info=True),
    "linalg_solve": _solve,
    "linalg_solve_ex": _solve_with_info,
    "linalg_solve_triangular": _triangular,
    "cholesky_solve": _cholesky_solve,
    "linalg_norm": _norm,
    "linalg_matrix_norm": _matrix_norm,
    "linalg_matrix_rank": _rank,
    "linalg_cond": _condition,
    "linalg_tensorinv": _tensor_inverse,
}
