"""The operators that return views of their operand, or their operand itself, or a copy where no view is possible."""

from __future__ import annotations

from typing import Final

from gradguard.torchfacts.geometry import Geometry
from gradguard.torchfacts.shapes import extracting, reordering, reshaping
from gradguard.torchfacts.shapes.layout import fresh, is_contiguous, laid_plainly, preserved, unlaid
from gradguard.torchfacts.shapes.values import Arguments, Results, Rule, Undetermined, ViewRule, shape_of, subject
from gradguard.torchfacts.shapes.views import unsqueeze, view


def _single(rule: ViewRule) -> Rule:
    """A view with one result, of which at least the dtype is known."""

    def guarded(arguments: Arguments) -> Results:
        own = subject(arguments)
        try:
            return (rule(own, arguments),)
        except Undetermined:
            return (Geometry(None, None, None, own.dtype),)

    return guarded


def _alias(own: Geometry, arguments: Arguments) -> Geometry:
    return own


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


_SINGLE: Final[dict[str, ViewRule]] = {
    **reshaping.VIEWS,
    **reordering.VIEWS,
    **extracting.VIEWS,
    **dict.fromkeys(
        ("alias", "detach", "data", "conj", "positive", "resolve_conj", "resolve_neg", "_conj", "lift_fresh"), _alias
    ),
    "contiguous": _contiguous,
    "clone": _clone,
}

_VIEWS: Final[dict[str, Rule]] = {
    **{name: _single(rule) for name, rule in _SINGLE.items()},
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
