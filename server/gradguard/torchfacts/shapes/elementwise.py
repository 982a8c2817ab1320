"""Operators that work element by element: one, two or three operands, broadcast, promoted and laid out by TensorIterator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.layout import elementwise, fresh, is_plain, unlaid
from gradguard.torchfacts.shapes.values import (
    UNKNOWN,
    Arguments,
    Results,
    Rule,
    Undetermined,
    Unknown,
    subject,
    tensor,
)

# How a Python number takes part in broadcasting.
_NUMBER: Final = Geometry((), (), 0, None)

DtypeOf = Callable[["str | None"], "str | None"]


def unary_result(operand: Geometry, dtype: str | None) -> Geometry:
    """A new tensor made element by element from one operand."""
    return elementwise(operand.shape, (operand,), dtype)


def common_dtype(operands: Sequence[object]) -> str | None:
    """The dtype that tensors and Python numbers promote to; None if unknown."""
    with_dimensions: list[str | None] = []
    without: list[str | None] = []
    numbers: list[object] = []
    doubtful = False
    for operand in operands:
        if isinstance(operand, Geometry):
            doubtful = doubtful or operand.shape is None
            (without if operand.shape == () else with_dimensions).append(operand.dtype)
        else:
            numbers.append(operand)
    if doubtful and len(set(with_dimensions + without)) > 1:
        return None
    return dtypes.promote(with_dimensions, numbers, without)


def broadcast_result(operands: Sequence[object], dtype: str | None) -> Geometry:
    """A new tensor made element by element from several operands, Python numbers among them."""
    given = [operand if isinstance(operand, Geometry) else _NUMBER for operand in operands]
    return elementwise(broadcast([operand.shape for operand in given]), given, dtype)


def _same(dtype: str | None) -> str | None:
    return dtype


def _bool(dtype: str | None) -> str | None:
    return "bool"


def _angle(dtype: str | None) -> str | None:
    return dtypes.floating_of(dtypes.real_of(dtype))


def _float_power(dtype: str | None) -> str | None:
    return None if dtype is None else "complex128" if dtypes.is_complex(dtype) else "float64"


def _unary(dtype_of: DtypeOf) -> Rule:
    def rule(arguments: Arguments) -> Results:
        operand = subject(arguments)
        return (unary_result(operand, dtype_of(operand.dtype)),)

    return rule


def _operand(arguments: Arguments, *names: str) -> object:
    """A tensor or a number. Of a value that is unknown altogether, not even the shape can be told."""
    for name in names:
        if name in arguments:
            value = arguments[name]
            return value if value is not UNKNOWN else Geometry(None, None, None, None)
    raise Undetermined


def _binary(dtype_of: DtypeOf, first: str = "self", second: str = "other") -> Rule:
    def rule(arguments: Arguments) -> Results:
        operands = [_operand(arguments, first, "input", "x"), _operand(arguments, second, "exponent", "values")]
        return (broadcast_result(operands, dtype_of(common_dtype(operands))),)

    return rule


def _div(arguments: Arguments) -> Results:
    operands = [_operand(arguments, "self", "input"), _operand(arguments, "other")]
    dtype = common_dtype(operands)
    rounding = arguments.get("rounding_mode")
    if rounding is None:
        dtype = dtypes.floating_of(dtype)
    elif isinstance(rounding, Unknown) and dtype is not None and dtypes.is_integral(dtype):
        dtype = None
    return (broadcast_result(operands, dtype),)


def _with_values(*names: str) -> Rule:
    """`addcmul` and its like: `self` and two more tensors."""

    def rule(arguments: Arguments) -> Results:
        operands: list[object] = [subject(arguments), *(tensor(arguments, name) for name in names)]
        return (broadcast_result(operands, common_dtype(operands)),)

    return rule


def _lerp(arguments: Arguments) -> Results:
    operands: list[object] = [subject(arguments), tensor(arguments, "end")]
    weight = arguments.get("weight")
    if isinstance(weight, Geometry):
        operands.append(weight)
    elif weight is UNKNOWN:
        operands.append(Geometry(None, None, None, subject(arguments).dtype))
    return (broadcast_result(operands, subject(arguments).dtype),)


def _clamp(arguments: Arguments) -> Results:
    operands: list[object] = [subject(arguments)]
    for name in ("min", "max"):
        value = arguments.get(name)
        if value is not None:
            operands.append(value)
    if not any(isinstance(operand, Geometry) for operand in operands[1:]):
        # An unknown bound is taken to be a number: tensors as bounds reach the overload `clamp.Tensor` as tensors.
        return (unary_result(subject(arguments), common_dtype(operands)),)
    return (broadcast_result(operands, common_dtype(operands)),)


def _where(arguments: Arguments) -> Results:
    condition = tensor(arguments, "condition")
    if len(arguments) == 1:
        # `where(condition)`: the positions, one tensor per dimension, as `nonzero(as_tuple=True)` gives them.
        if condition.shape is None:
            raise Undetermined
        return (Geometry((None,), None, None, "int64"),) * max(len(condition.shape), 1)
    operands = [_operand(arguments, "self", "input", "x"), _operand(arguments, "other", "y")]
    return (broadcast_result([condition, *operands], common_dtype(operands)),)


def _masked_fill(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh(broadcast([own.shape, tensor(arguments, "mask").shape]), own.dtype),)


def drops_elements(arguments: Arguments, default: bool) -> bool | None:
    """Whether a dropout changes anything: in training, with a probability other than 0; None if unknown."""
    training, p = arguments.get("training", arguments.get("train", default)), arguments.get("p", 0.5)
    if training is False or (isinstance(p, (int, float)) and p == 0):
        return False
    return True if training is True and isinstance(p, (int, float)) else None


def _dropout(default: bool) -> Rule:
    """Dropout gives a product, or hands its input back where it drops nothing."""

    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        drops = drops_elements(arguments, default)
        if drops is None:
            return (Geometry(own.shape, None, None, own.dtype),)
        return (plain_or_open(own, own.dtype) if drops else own,)

    return rule


def _pow(arguments: Arguments) -> Results:
    base, exponent = _operand(arguments, "self", "input"), _operand(arguments, "exponent")
    dtype = common_dtype([base, exponent])
    # A number is not broadcast as a tensor here.
    if isinstance(base, Geometry) and not isinstance(exponent, Geometry):
        return (unary_result(base, dtype),)
    if isinstance(exponent, Geometry) and not isinstance(base, Geometry):
        return (fresh(exponent.shape, dtype),)
    return (broadcast_result([base, exponent], dtype),)


def _two_results(dtypes_of: tuple[DtypeOf, DtypeOf]) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        return tuple([unary_result(own, dtype_of(own.dtype)) for dtype_of in dtypes_of])

    return rule


def _log_sigmoid_forward(arguments: Arguments) -> Results:
    own = subject(arguments)
    return fresh(own.shape, own.dtype), fresh(own.shape, own.dtype)


def _int32(dtype: str | None) -> str | None:
    return "int32"


def _complex(arguments: Arguments) -> Results:
    operands: list[object] = [tensor(arguments, "real", "abs"), tensor(arguments, "imag", "angle")]
    return (broadcast_result(operands, dtypes.complex_of(common_dtype(operands))),)


def _prelu(arguments: Arguments) -> Results:
    own, weight = subject(arguments), tensor(arguments, "weight")
    shape = own.shape
    if shape is None or len(shape) < 2 or weight.numel != 1:
        return (plain_or_open(own, own.dtype),)
    spread = Geometry((1,) * len(shape), (1,) * len(shape))
    return (elementwise(shape, (own, spread), own.dtype),)


def plain_or_open(own: Geometry, dtype: str | None) -> Geometry:
    """A result of the same shape, made in several steps: the layout is known where the operand's is the plain one."""
    if is_plain(own) and (own.shape is None or 0 not in own.shape):
        return fresh(own.shape, dtype)
    return unlaid(own.shape, dtype)


def _always_contiguous(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (fresh(own.shape, own.dtype),)


def _in_steps(dtype_of: DtypeOf) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        return (plain_or_open(own, dtype_of(own.dtype)),)

    return rule


def _magnitude(dtype_of: DtypeOf) -> Rule:
    """`abs` and `angle`, which of complex numbers make real ones in a buffer of their own."""

    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        if own.dtype is None or dtypes.is_complex(own.dtype):
            return (plain_or_open(own, dtype_of(own.dtype)),)
        return (unary_result(own, dtype_of(own.dtype)),)

    return rule


def _ldexp(arguments: Arguments) -> Results:
    """torch multiplies by `pow(2.0, other)`, which is floating."""
    other = _operand(arguments, "other")
    if isinstance(other, Geometry):
        other = replace(other, dtype=dtypes.floating_of(other.dtype))
    operands = [_operand(arguments, "self", "input"), other]
    return (broadcast_result(operands, common_dtype(operands)),)


def _squared(dtype: str | None) -> str | None:
    return "int64" if dtype == "bool" else dtype


_FLOATING_UNARY: Final = """
    exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh arcsin arccos arctan arcsinh
    arccosh arctanh sqrt rsqrt sigmoid erf erfc erfinv lgamma digamma reciprocal logit sinc i0 deg2rad rad2deg polygamma mvlgamma
    special_exp2 special_expm1 special_log1p special_erf special_erfc special_erfinv special_erfcx special_gammaln special_digamma
    special_psi special_logit special_expit special_sinc special_i0 special_i0e special_i1 special_i1e special_entr special_ndtr
    special_ndtri special_log_ndtr special_polygamma special_multigammaln special_airy_ai special_bessel_j0 special_bessel_j1
    special_bessel_y0 special_bessel_y1 special_modified_bessel_i0 special_modified_bessel_i1 special_modified_bessel_k0
    special_modified_bessel_k1 special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1 special_spherical_bessel_j0
""".split()

_SAME_UNARY: Final = """
    neg negative sgn sign ceil floor round trunc fix frac relu relu6 gelu silu mish elu selu celu leaky_relu hardtanh hardswish
    hardsigmoid softplus softshrink hardshrink threshold bitwise_not invert
    conj_physical _conj_physical nan_to_num fill zero
    special_round bernoulli uniform cauchy exponential geometric log_normal random poisson binomial
""".split()

_BOOL_UNARY: Final = "isnan isinf isfinite isneginf isposinf isreal signbit logical_not".split()

_SAME_BINARY: Final = """
    add sub subtract rsub mul multiply maximum minimum fmax fmin fmod remainder floor_divide bitwise_and bitwise_or bitwise_xor
    bitwise_left_shift bitwise_right_shift and or xor lshift rshift gcd lcm heaviside nextafter hypot igamma igammac
    special_gammainc special_gammaincc
""".split()

_POLYNOMIALS: Final = """
    chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w hermite_polynomial_h
    hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p shifted_chebyshev_polynomial_t
    shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w
""".split()

_FLOATING_BINARY: Final = """
    true_divide atan2 arctan2 copysign xlogy special_xlogy special_xlog1py logaddexp logaddexp2 special_zeta
""".split()

_COMPARISONS: Final = """
    eq ne not_equal lt less le less_equal gt greater ge greater_equal isclose logical_and logical_or logical_xor
""".split()

RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(_FLOATING_UNARY, _unary(dtypes.floating_of)),
    **dict.fromkeys(_SAME_UNARY, _unary(_same)),
    **dict.fromkeys(_BOOL_UNARY, _unary(_bool)),
    **dict.fromkeys(_SAME_BINARY, _binary(_same)),
    **dict.fromkeys(_FLOATING_BINARY, _binary(dtypes.floating_of)),
    **dict.fromkeys(_COMPARISONS, _binary(_bool)),
    **dict.fromkeys((f"special_{name}" for name in _POLYNOMIALS), _binary(dtypes.floating_of, first="x", second="n")),
    **dict.fromkeys(("abs", "absolute"), _magnitude(dtypes.real_of)),
    **dict.fromkeys(("tanhshrink", "softsign"), _in_steps(dtypes.floating_of)),
    **dict.fromkeys(("alpha_dropout", "feature_alpha_dropout"), _dropout(default=False)),
    **dict.fromkeys(("rrelu", "rrelu_with_noise", "renorm", "logsigmoid", "log_sigmoid"), _always_contiguous),
    **dict.fromkeys(("div", "divide"), _div),
    **dict.fromkeys(("clamp", "clip", "clamp_min", "clamp_max"), _clamp),
    **dict.fromkeys(("dropout", "feature_dropout", "dropout1d", "dropout2d", "dropout3d"), _dropout(default=True)),
    **dict.fromkeys(("complex", "polar"), _complex),
    "angle": _magnitude(_angle),
    "ldexp": _ldexp,
    "square": _unary(_squared),
    "pow": _pow,
    "float_power": _binary(_float_power, second="exponent"),
    "addcmul": _with_values("tensor1", "tensor2"),
    "addcdiv": _with_values("tensor1", "tensor2"),
    "lerp": _lerp,
    "where": _where,
    "masked_fill": _masked_fill,
    "prelu": _prelu,
    "_prelu_kernel": _binary(_same, second="weight"),
    "frexp": _two_results((_same, _int32)),
    "native_dropout": _two_results((_same, _bool)),
    "log_sigmoid_forward": _log_sigmoid_forward,
}
