"""Operators that work element by element: one, two or three operands, broadcast, promoted and laid out by TensorIterator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import dtypes
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.layout import elementwise_strides
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

DtypeOf = Callable[["str | None"], "str | None"]


def unary_result(operand: Geometry, dtype: str | None) -> Geometry:
    """A new tensor made element by element from one operand."""
    return Geometry(operand.shape, elementwise_strides(operand.shape, (operand,)), 0, dtype)


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
    given = [operand for operand in operands if isinstance(operand, Geometry)]
    if len(given) == 1 and len(operands) == 1:
        return unary_result(given[0], dtype)
    shape = broadcast([operand.shape for operand in given])
    return Geometry(shape, elementwise_strides(shape, given), 0, dtype)


def _same(dtype: str | None) -> str | None:
    return dtype


def _bool(dtype: str | None) -> str | None:
    return "bool"


def _complex_part_dropped(dtype: str | None) -> str | None:
    return dtypes.real_of(dtype)


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
        operands = [_operand(arguments, first, "input", "x"), _operand(arguments, second, "exponent", "tensor2")]
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
    # An unknown bound is taken to be a number: tensors as bounds reach the overload `clamp.Tensor` as tensors.
    return (broadcast_result(operands, common_dtype(operands)),)


def _where(arguments: Arguments) -> Results:
    condition = tensor(arguments, "condition")
    operands = [_operand(arguments, "self", "input", "x"), _operand(arguments, "other", "y")]
    return (broadcast_result([condition, *operands], common_dtype(operands)),)


def _masked_fill(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (broadcast_result([own, tensor(arguments, "mask")], own.dtype),)


def _dropout(arguments: Arguments) -> Results:
    """Dropout hands its input back in evaluation and a product in training; both have the same shape."""
    own = subject(arguments)
    training = arguments.get("training", arguments.get("train", True))
    if training is True:
        return (unary_result(own, own.dtype),)
    if training is False:
        return (own,)
    return (Geometry(own.shape, None, None, own.dtype),)


def _pow(arguments: Arguments) -> Results:
    operands = [_operand(arguments, "self", "input"), _operand(arguments, "exponent")]
    return (broadcast_result(operands, common_dtype(operands)),)


def _two_results(dtypes_of: tuple[DtypeOf, DtypeOf]) -> Rule:
    def rule(arguments: Arguments) -> Results:
        own = subject(arguments)
        return tuple([unary_result(own, dtype_of(own.dtype)) for dtype_of in dtypes_of])

    return rule


def _int32(dtype: str | None) -> str | None:
    return "int32"


def _complex(arguments: Arguments) -> Results:
    operands: list[object] = [tensor(arguments, "real", "abs"), tensor(arguments, "imag", "angle")]
    return (broadcast_result(operands, dtypes.complex_of(common_dtype(operands))),)


def _prelu(arguments: Arguments) -> Results:
    own = subject(arguments)
    return (unary_result(own, own.dtype),)


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
    hardsigmoid softplus softshrink hardshrink tanhshrink softsign threshold logsigmoid log_sigmoid square bitwise_not invert
    conj_physical nan_to_num fill zero rrelu rrelu_with_noise relu_ alpha_dropout feature_alpha_dropout feature_dropout
    special_round bernoulli uniform normal_ cauchy exponential geometric log_normal random renorm
""".split()

_BOOL_UNARY: Final = "isnan isinf isfinite isneginf isposinf isreal signbit logical_not".split()

_SAME_BINARY: Final = """
    add sub subtract rsub mul multiply maximum minimum fmax fmin fmod remainder floor_divide bitwise_and bitwise_or bitwise_xor
    bitwise_left_shift bitwise_right_shift and or xor lshift rshift gcd lcm ldexp heaviside nextafter hypot igamma igammac
    special_gammainc special_gammaincc bitwise_left_shift
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
    **dict.fromkeys(("abs", "absolute"), _unary(_complex_part_dropped)),
    **dict.fromkeys(("div", "divide"), _div),
    **dict.fromkeys(("clamp", "clip", "clamp_min", "clamp_max"), _clamp),
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d"), _dropout),
    **dict.fromkeys(("complex", "polar"), _complex),
    "angle": _unary(_angle),
    "pow": _pow,
    "float_power": _binary(_float_power, second="exponent"),
    "addcmul": _with_values("tensor1", "tensor2"),
    "addcdiv": _with_values("tensor1", "tensor2"),
    "lerp": _lerp,
    "where": _where,
    "masked_fill": _masked_fill,
    "prelu": _prelu,
    "frexp": _two_results((_same, _int32)),
    "native_dropout": _two_results((_same, _bool)),
    "log_sigmoid_forward": _two_results((_same, _same)),
}
