"""Shapes, strides and dtypes of what torch's operators return, worked out from those of their operands.

`infer` is the whole of it for operators; the rest are the questions that the abstract machine asks about memory. Everything is
measured against torch 2.13 in the tests. Unknown sizes flow through as None, and nothing is guessed.
"""

from __future__ import annotations

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import (
    convolution,
    creation,
    elementwise,
    factorizations,
    indexing,
    joining,
    linear_algebra,
    losses,
    networks,
    pieces,
    reductions,
    resampling,
    spectral,
    subscripts,
    view_operators,
)
from gradguard.torchfacts.shapes.aliasing import is_view
from gradguard.torchfacts.shapes.broadcasting import broadcast
from gradguard.torchfacts.shapes.creation import literal_geometry
from gradguard.torchfacts.shapes.dtypes import promote
from gradguard.torchfacts.shapes.layout import (
    contiguous_strides,
    fresh,
    is_contiguous,
    is_viewable,
    preserved,
    view_strides,
)
from gradguard.torchfacts.shapes.names import base_name
from gradguard.torchfacts.shapes.overlap import overlaps_itself, partially_overlap
from gradguard.torchfacts.shapes.subscripts import index_geometry
from gradguard.torchfacts.shapes.values import (
    UNKNOWN,
    UNKNOWN_INTEGER,
    Arguments,
    Inconsistent,
    Results,
    Rule,
    Undetermined,
    subject,
)

__all__ = [
    "UNKNOWN",
    "UNKNOWN_INTEGER",
    "Inconsistent",
    "broadcast",
    "contiguous_strides",
    "covered",
    "fresh",
    "index_geometry",
    "infer",
    "is_contiguous",
    "is_view",
    "is_viewable",
    "literal_geometry",
    "overlaps_itself",
    "partially_overlap",
    "preserved",
    "promote",
    "rule_for",
    "view_strides",
]

_RULES: dict[str, Rule] = {}
for _family in (
    elementwise, reductions, view_operators, pieces, indexing, joining, linear_algebra, factorizations, convolution, resampling,
    networks, losses, creation, spectral, subscripts,
):  # fmt: skip
    _RULES.update(_family.RULES)

# In-place forms that change the shape or the strides of the tensor itself, as the out-of-place form says.
_RESHAPING = frozenset("squeeze unsqueeze t transpose swapaxes swapdims as_strided".split())

# In-place forms that may give the tensor other memory.
_RESIZING = frozenset("resize resize_as set addbmm".split())

_resolved: dict[str, Rule | None] = {}


def covered() -> frozenset[str]:
    """The base names that have a rule."""
    return frozenset(_RULES)


def infer(operator_name: str, arguments: Arguments) -> Results | None:
    """What the operator returns, one `Geometry` per result; None if nothing is known.

    `operator_name`: an ATen overload (`mul.Tensor`, `add_.Tensor`) or a public name (`torch.nn.functional.linear`).
    `arguments`: by the schema's argument names: `Geometry` for a tensor, a tuple or list of them, Python constants for the rest
    (dtypes by name), UNKNOWN for unknown values; a missing one has torch's default. Arguments that torch would refuse give
    None; nothing is raised.
    """
    rule = rule_for(operator_name)
    if rule is None:
        return None
    try:
        return rule(arguments)
    except (Undetermined, Inconsistent):
        return None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # An argument of a type that torch would refuse: bad input is normal while a program is being written.
        return None


def rule_for(operator_name: str) -> Rule | None:
    """The rule for the operator, which raises `Undetermined` or `Inconsistent` where `infer` gives None; None if there is none."""
    try:
        return _resolved[operator_name]
    except KeyError:
        rule = _resolved[operator_name] = _resolve(operator_name)
        return rule


def _resolve(operator_name: str) -> Rule | None:
    name, in_place = base_name(operator_name)
    rule = _RULES.get(name)
    if in_place:
        if name in _RESIZING:
            return None
        if name in _RESHAPING:
            return rule
        # An in-place form returns `self`, whose geometry it leaves as it is.
        return _itself
    if rule is None:
        return None
    return _with_options(rule)


def _itself(arguments: Arguments) -> Results:
    return (subject(arguments),)


def _with_options(rule: Rule) -> Rule:
    """The options that any operator may have: `inplace=True` returns the operand, `out=` the tensor given."""

    def with_options(arguments: Arguments) -> Results:
        inplace = arguments.get("inplace", False)
        if inplace is True:
            return (subject(arguments),)
        results = rule(arguments)
        if inplace is not False:
            return tuple([Geometry(result.shape, None, None, result.dtype) for result in results])
        if "out" in arguments:
            return _into(results, arguments["out"])
        return results

    return with_options


def _into(results: Results, out: object) -> Results:
    """Of results written into `out`, the layout and dtype are the given tensor's."""
    given = tuple(out) if isinstance(out, (tuple, list)) else (out,)
    if out is None:
        return results
    if len(given) != len(results):
        raise Undetermined
    written = []
    for result, target in zip(results, given, strict=True):
        if not isinstance(target, Geometry):
            raise Undetermined
        same = target.shape is not None and None not in target.shape and target.shape == result.shape
        written.append(target if same else Geometry(result.shape, None, None, target.dtype))
    return tuple(written)
