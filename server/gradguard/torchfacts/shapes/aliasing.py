"""Whether an operator's result shares memory with its operand, where torch decides that by strides, dtype or mode.

Source: `ATen/native/TensorShape.cpp` and `TensorConversions.cpp` of torch 2.13; measured over torch's samples by the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import dtypes, pieces, view_operators
from gradguard.torchfacts.shapes.creation import CASTS
from gradguard.torchfacts.shapes.elementwise import drops_elements
from gradguard.torchfacts.shapes.layout import is_contiguous, is_viewable
from gradguard.torchfacts.shapes.names import base_name
from gradguard.torchfacts.shapes.values import Arguments, Inconsistent, Undetermined, subject

Decision = Callable[[Arguments], "bool | None"]


def _reshape(name: str) -> Decision:
    rule = view_operators.RULES[name]

    def decide(arguments: Arguments) -> bool | None:
        shape = rule(arguments)[0].shape
        own = subject(arguments)
        return is_contiguous(own) or None if shape is None else is_viewable(own, shape)

    return decide


def _if_contiguous(arguments: Arguments) -> bool | None:
    if arguments.get("memory_format") is not None and str(arguments["memory_format"]) != "torch.contiguous_format":
        return None
    return is_contiguous(subject(arguments))


def _converted(own: Geometry, dtype: str | None, arguments: Arguments) -> bool | None:
    """`to` returns the operand itself if nothing changes."""
    if arguments.get("copy") is True:
        return False
    if own.dtype is None or dtype is None:
        return None
    if own.dtype != dtype:
        return False
    settled = all(arguments.get(name) is None for name in ("device", "memory_format", "layout"))
    return True if settled and arguments.get("copy", False) is False else None


def _to(arguments: Arguments) -> bool | None:
    own, other = subject(arguments), arguments.get("other")
    if isinstance(other, Geometry):
        # The other tensor may be on another device.
        return _converted(own, other.dtype, {**arguments, "device": ""})
    return _converted(own, dtypes.dtype_argument(arguments, own.dtype), arguments)


def _cast(dtype: str) -> Decision:
    return lambda arguments: _converted(subject(arguments), dtype, arguments)


def _dropout(default: bool) -> Decision:
    def decide(arguments: Arguments) -> bool | None:
        drops = drops_elements(arguments, default)
        return None if drops is None else not drops

    return decide


def _conjugated(arguments: Arguments) -> bool | None:
    own = subject(arguments)
    return None if own.dtype is None else not dtypes.is_complex(own.dtype)


def _never(arguments: Arguments) -> bool | None:
    return False


def _always(arguments: Arguments) -> bool | None:
    return True


_DECISIONS: Final[dict[str, Decision]] = {
    **dict.fromkeys(view_operators.RULES, _always),
    **dict.fromkeys(pieces.RULES, _always),
    **dict.fromkeys((name for name in (*view_operators.RULES, *pieces.RULES) if name.endswith("_copy")), _never),
    "clone": _never,
    "conj_physical": _conjugated,
    **{name: _reshape(name) for name in ("reshape", "reshape_as", "flatten")},
    **{name: _cast(dtype) for name, dtype in CASTS.items()},
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d", "feature_dropout"), _dropout(default=True)),
    **dict.fromkeys(("alpha_dropout", "feature_alpha_dropout"), _dropout(default=False)),
    **dict.fromkeys(("contiguous", "ravel"), _if_contiguous),
    **dict.fromkeys(("to", "type_as"), _to),
}


def is_view(operator_name: str, arguments: Arguments) -> bool | None:
    """Whether the results lie in the memory of the operand (as views of it, or as the operand itself); None if unknown.

    `unsafe_split` and its like share memory too, although autograd does not treat their results as views.

    Arguments as for `infer`. True for in-place forms, False for operators that are not known to return views.
    """
    name, in_place = base_name(operator_name)
    if in_place:
        return True
    inplace = arguments.get("inplace", False)
    if inplace is not False:
        return True if inplace is True else None
    decide = _DECISIONS.get(name)
    if decide is None:
        return False
    try:
        return decide(arguments)
    except (Undetermined, Inconsistent, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None
