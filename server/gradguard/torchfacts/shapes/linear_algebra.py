"""Products of matrices and vectors: matmul and its family, einsum, tensordot, linear, and outer products."""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry, Shape
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.elementwise import broadcast_result, common_dtype
from gradguard.torchfacts.shapes.layout import fresh, unlaid
from gradguard.torchfacts.shapes.values import (
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    as_integer,
    integer,
    integers,
    optional_tensor,
    product,
    shape_of,
    subject,
    tensor,
    tensors,
    wrap,
)


def agree(first: int | None, second: int | None) -> int | None:
    """The size that two sizes must share; raises `Inconsistent` if they differ."""
    if first is None or second is None:
        return second if first is None else first
    if first != second:
        raise Inconsistent
    return first


def _shared_dtype(*operands: Geometry | None) -> str | None:
    """Products demand one dtype of all operands."""
    known = {operand.dtype for operand in operands if operand is not None and operand.dtype is not None}
    if len(known) > 1:
        raise Inconsistent
    return known.pop() if known else None


def matmul_shape(first: Shape, second: Shape) -> Shape:
    """The shape of `first @ second`."""
    if not first or not second:
        raise Inconsistent
    agree(first[-1], second[-2] if len(second) > 1 else second[0])
    if len(first) == 1 and len(second) == 1:
        return ()
    if len(second) == 1:
        return first[:-1]
    if len(first) == 1:
        return (*second[:-2], second[-1])
    batch = broadcast([first[:-2], second[:-2]])
    if batch is None:
        raise Undetermined
    return (*batch, first[-2], second[-1])


def _matmul(arguments: Arguments) -> Results:
    first, second = subject(arguments), tensor(arguments, "other", "mat2", "vec", "vec2", "tensor2")
    dtype = _shared_dtype(first, second)
    if first.shape is None or second.shape is None:
        return (unlaid(None, dtype),)
    shape = matmul_shape(first.shape, second.shape)
    if len(first.shape) == 2 and len(second.shape) > 2:
        # If the matrix requires grad, torch multiplies from the other side and hands back a transposed result.
        return (unlaid(shape, dtype),)
    return (fresh(shape, dtype),)


def _reflected_matmul(arguments: Arguments) -> Results:
    return _matmul({"self": tensor(arguments, "other"), "other": subject(arguments)})


def _ranked(first_rank: int, second_rank: int) -> Rule:
    """`mm`, `bmm`, `mv`, `dot`: a product of tensors of fixed ranks, with a freshly made result."""

    def rule(arguments: Arguments) -> Results:
        first, second = subject(arguments), tensor(arguments, "mat2", "vec", "vec2", "tensor", "other")
        dtype = _shared_dtype(first, second)
        one, two = shape_of(first), shape_of(second)
        if len(one) != first_rank or len(two) != second_rank:
            raise Inconsistent
        if first_rank == 3:
            agree(one[0], two[0])
        return (fresh(matmul_shape(one, two), dtype),)

    return rule


def _with_addend(first: str, second: str, rank: int) -> Rule:
    """`addmm`, `addmv`, `baddbmm`, `addbmm`: the addend is broadcast to the product."""

    def rule(arguments: Arguments) -> Results:
        one, two = tensor(arguments, first), tensor(arguments, second)
        dtype = _shared_dtype(one, two, subject(arguments))
        shape = matmul_shape(shape_of(one), shape_of(two))
        return (fresh(shape[-rank:], dtype),)

    return rule


def _addr(arguments: Arguments) -> Results:
    one, two = tensor(arguments, "vec1"), tensor(arguments, "vec2")
    operands: list[object] = [subject(arguments), one, two]
    return (unlaid((*shape_of(one), *shape_of(two)), common_dtype(operands)),)


def _linear(arguments: Arguments) -> Results:
    own, weight = subject(arguments), tensor(arguments, "weight")
    dtype = _shared_dtype(own, weight, optional_tensor(arguments, "bias"))
    if own.shape is None or weight.shape is None:
        return (unlaid(None, dtype),)
    if not own.shape or not 1 <= len(weight.shape) <= 2:
        raise Inconsistent
    agree(own.shape[-1], weight.shape[-1])
    shape = (*own.shape[:-1], *weight.shape[:-1])
    return (fresh(shape, dtype),)


def _bilinear(arguments: Arguments) -> Results:
    one, two, weight = tensor(arguments, "input1"), tensor(arguments, "input2"), tensor(arguments, "weight")
    shape = shape_of(one)
    if len(shape_of(two)) != len(shape) or len(shape_of(weight)) != 3 or not shape:
        raise Inconsistent
    agree(shape[-1], shape_of(weight)[1])
    agree(shape_of(two)[-1], shape_of(weight)[2])
    return (unlaid((*shape[:-1], shape_of(weight)[0]), _shared_dtype(one, two, weight)),)


def _outer(arguments: Arguments) -> Results:
    first, second = subject(arguments), tensor(arguments, "vec2")
    if len(shape_of(first)) != 1 or len(shape_of(second)) != 1:
        raise Inconsistent
    operands: list[object] = [first, second]
    return (fresh((*shape_of(first), *shape_of(second)), common_dtype(operands)),)


def _inner(arguments: Arguments) -> Results:
    first, second = subject(arguments), tensor(arguments, "other")
    one, two = shape_of(first), shape_of(second)
    operands: list[object] = [first, second]
    if not one or not two:
        return (broadcast_result(operands, common_dtype(operands)),)
    agree(one[-1], two[-1])
    return (unlaid((*one[:-1], *two[:-1]), _shared_dtype(first, second)),)


def _tensordot(arguments: Arguments) -> Results:
    first, second = tensor(arguments, "self", "a"), tensor(arguments, "other", "b")
    one, two = shape_of(first), shape_of(second)
    left, right = _contracted(arguments, len(one), len(two))
    if len(left) != len(right):
        raise Inconsistent
    for place, other in zip(left, right, strict=True):
        # torch sums a dimension before it is contracted with one of size 1.
        broadcast([(one[place],), (two[other],)])
    rest = [size for place, size in enumerate(one) if place not in left]
    rest += [size for place, size in enumerate(two) if place not in right]
    return (unlaid(tuple(rest), _shared_dtype(first, second)),)


def _contracted(arguments: Arguments, left_rank: int, right_rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if "dims_self" in arguments:
        left, right = integers(arguments["dims_self"]), integers(arguments["dims_other"])
    else:
        dims = arguments.get("dims", 2)
        if isinstance(dims, (tuple, list)):
            if len(dims) != 2:
                raise Inconsistent
            left, right = integers(dims[0]), integers(dims[1])
        else:
            count = as_integer(dims)
            if not 0 <= count <= min(left_rank, right_rank):
                raise Inconsistent
            left, right = tuple(range(left_rank - count, left_rank)), tuple(range(count))
    return tuple([wrap(dim, left_rank) for dim in left]), tuple([wrap(dim, right_rank) for dim in right])


def _einsum(arguments: Arguments) -> Results:
    equation = arguments.get("equation")
    operands = tensors(arguments, "tensors", "operands")
    if not isinstance(equation, str):
        raise Undetermined
    dtype = _shared_dtype(*operands)
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(operands):
        raise Inconsistent
    sizes: dict[str, int | None] = {}
    ellipses: list[Shape] = []
    for term, operand in zip(terms, operands, strict=True):
        if operand.shape is None:
            return (Geometry(None, None, None, dtype),)
        ellipses.append(_read_term(term, operand.shape, sizes))
    common = broadcast(ellipses) or ()
    if not arrow:
        letters = sorted(sizes)
        output = ("..." if common else "") + "".join(letter for letter in letters if inputs.count(letter) == 1)
    before, dots, after = output.partition("...")
    shape = tuple([_size_of(letter, sizes) for letter in before])
    shape += (common if dots else ()) + tuple([_size_of(letter, sizes) for letter in after])
    # An equation that only reorders gives a view; the layout of a product depends on how torch folds it.
    return (Geometry(shape, None, None, dtype),)


def _size_of(letter: str, sizes: dict[str, int | None]) -> int | None:
    if letter not in sizes:
        raise Inconsistent
    return sizes[letter]


def _read_term(term: str, shape: Shape, sizes: dict[str, int | None]) -> Shape:
    """Note the sizes of the letters and return those that `...` stands for."""
    before, dots, after = term.partition("...")
    if len(before) + len(after) > len(shape) or (not dots and len(before) != len(shape)):
        raise Inconsistent
    end = len(shape) - len(after)
    for letter, size in [*zip(before, shape[: len(before)], strict=True), *zip(after, shape[end:], strict=True)]:
        known = sizes.get(letter, 1)
        sizes[letter] = (broadcast([(known,), (size,)]) or (None,))[0]
    return shape[len(before) : end] if dots else ()


def _kron(arguments: Arguments) -> Results:
    first, second = subject(arguments), tensor(arguments, "other")
    one, two = shape_of(first), shape_of(second)
    rank = max(len(one), len(two))
    one, two = (1,) * (rank - len(one)) + one, (1,) * (rank - len(two)) + two
    operands: list[object] = [first, second]
    shape = tuple([product(pair) for pair in zip(one, two, strict=True)])
    return (unlaid(shape, common_dtype(operands)),)


def _cross(arguments: Arguments) -> Results:
    operands: list[object] = [subject(arguments), tensor(arguments, "other")]
    result = broadcast_result(operands, common_dtype(operands))
    return (unlaid(result.shape, result.dtype),)


def _vecdot(arguments: Arguments) -> Results:
    first, second = tensor(arguments, "x", "self"), tensor(arguments, "y", "other")
    common = broadcast([first.shape, second.shape])
    if common is None:
        raise Undetermined
    dim = wrap(integer(arguments, "dim", -1), len(common))
    return (unlaid(common[:dim] + common[dim + 1 :], _shared_dtype(first, second)),)


def _chain(arguments: Arguments) -> Results:
    operands = tensors(arguments, "tensors", "matrices")
    shape = shape_of(operands[0])
    for operand in operands[1:]:
        shape = matmul_shape(shape, shape_of(operand))
    return (unlaid(shape, _shared_dtype(*operands)),)


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("matmul", "linalg_matmul"), _matmul),
    **dict.fromkeys(("outer", "ger"), _outer),
    **dict.fromkeys(("cross", "linalg_cross"), _cross),
    **dict.fromkeys(("dot", "vdot"), _ranked(1, 1)),
    **dict.fromkeys(("linalg_multi_dot", "chain_matmul"), _chain),
    "rmatmul": _reflected_matmul,
    "mm": _ranked(2, 2),
    "bmm": _ranked(3, 3),
    "mv": _ranked(2, 1),
    "addmm": _with_addend("mat1", "mat2", 2),
    "addmv": _with_addend("mat", "vec", 1),
    "baddbmm": _with_addend("batch1", "batch2", 3),
    "addbmm": _with_addend("batch1", "batch2", 2),
    "addr": _addr,
    "linear": _linear,
    "bilinear": _bilinear,
    "inner": _inner,
    "tensordot": _tensordot,
    "einsum": _einsum,
    "kron": _kron,
    "linalg_vecdot": _vecdot,
}
