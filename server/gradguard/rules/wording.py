"""The words that all rules share: the user's expressions, operator names, assumptions, and the places of a story."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.sites import MODULES, Site
from gradguard.rules.codes import RULE_NAMES
from gradguard.rules.derivatives import needing
from gradguard.rules.finding import Finding, Related
from gradguard.rules.operators import public_name
from gradguard.rules.severity import severity_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradguard.analysis.results import Assumption, Found
    from gradguard.rules.texts import Texts
    from gradguard.tape.hazards import Save

LONGEST_EXPRESSION = 60
"""Code points of source shown inside a message; longer expressions are cut, since a message is one line."""


def site_of(origin: object) -> Site:
    """The place behind a tape event. Raises ValueError for an event that no expression of the program stands behind."""
    if isinstance(origin, Site):
        return origin
    raise ValueError("this event has no place in the program")


def source_of(site: Site) -> str:
    """The expression or statement at `site` as one line of the user's text."""
    first, first_column, last, last_column = site.node_range
    lines = list(site.chunk.lines[first : last + 1])
    if not lines:
        return ""
    lines[-1] = lines[-1][:last_column] if last > first else lines[-1][first_column:last_column]
    if last > first:
        lines[0] = lines[0][first_column:]
    text = " ".join(" ".join(lines).split())
    return text if len(text) <= LONGEST_EXPRESSION else text[: LONGEST_EXPRESSION - 1] + "…"


def target_of(site: Site) -> str:
    """What was written or saved, in the user's words; the whole expression where nothing smaller is named."""
    return site.target or source_of(site)


def saved_expression(save: Save) -> str:
    """What was saved, in the user's words, where the saving expression shows it; else ""."""
    if save.is_result or not isinstance(save.origin, Site):
        return ""
    operand: ast.expr | None = None
    match save.origin.node, save.argument:
        case ast.BinOp(left=left), "self":
            operand = left
        case ast.BinOp(right=right), "other" | "exponent" | "mat2":
            operand = right
        case ast.Call(func=ast.Attribute(attr=method, value=receiver)), "self" if method == say_operator(save):
            operand = receiver
    if isinstance(operand, ast.Name) and operand.id in MODULES:
        return ""
    return ast.unparse(operand) if isinstance(operand, ast.Name | ast.Attribute | ast.Subscript) else ""


def say_operator(save: Save) -> str:
    """The operator that saved a tensor, by its public name."""
    return public_name(save.operator)


def say_reason(save: Save, texts: Texts) -> str:
    """Why the derivative of the saving operator needs what it saved, with the formula where one is known."""
    operator = say_operator(save)
    if not save.values_used:
        return texts.say("reason.shape_only", operator=operator)
    derivative = needing(save.operator, save.argument, is_result=save.is_result)
    what = texts.say("reason.result" if save.is_result else "reason.argument", argument=save.argument)
    if derivative is None:
        return texts.say("reason.plain", operator=operator, what=what)
    return texts.say(
        "reason.formula", operator=operator, what=what, of=derivative.argument, formula=derivative.expression
    )


def say_assumptions(message: str, assumptions: Sequence[Assumption], texts: Texts) -> str:
    """`message` followed by what it rests on; unchanged if it rests on nothing."""
    if not assumptions:
        return message
    joined = texts.say("assume.and").join(_say_assumption(each, texts) for each in assumptions)
    return texts.say("assume.message", message=message, assumptions=joined)


def _say_assumption(assumption: Assumption, texts: Texts) -> str:
    key = f"assume.{assumption.kind}" if assumption.value else f"assume.{assumption.kind}.not"
    return texts.say(key, subject=assumption.subject)


def word(
    code: str,
    found: Found,
    message: str,
    texts: Texts,
    *,
    at: Site,
    related: Iterable[Related] = (),
) -> Finding:
    """A finding of rule `code` at `at`: severity and assumptions come from `found`, name and help from the texts."""
    told = tuple(related)
    # A call that is a place of the story itself needs no second line.
    chain = (each for each in _call_chain(at, texts) if each.place not in {part.place for part in told})
    return Finding(
        code=code,
        name=RULE_NAMES[code],
        severity=severity_of(found.assumptions),
        place=at.place(),
        message=say_assumptions(message, found.assumptions, texts),
        related=(*told, *chain),
        help=texts.say(f"{code}.help"),
        evidence=found,
        site=at,
    )


def related(key: str, origin: object, texts: Texts, **values: object) -> tuple[Related, ...]:
    """One related place, or none if the event has no place in the program."""
    if not isinstance(origin, Site):
        return ()
    return (Related(origin.place(), texts.say(key, **values), origin),)


def saved_here(save: Save, texts: Texts) -> tuple[Related, ...]:
    """The place of the save, with the reason for it."""
    return related("related.saved", save.origin, texts, reason=say_reason(save, texts))


def needed_here(found: Found, origin: object, texts: Texts, *, silent: bool = False) -> tuple[Related, ...]:
    """The place where backward needs the tensor; a result that is only assumed to be backpropagated is worded so."""
    assumed = any(each.kind == "backpropagated" for each in found.assumptions)
    key = "related.needed" + (".silent" if silent else "") + (".assumed" if assumed else "")
    return related(key, origin, texts)


def _call_chain(site: Site, texts: Texts) -> tuple[Related, ...]:
    return tuple(related for call in site.calls[-1:] for related in _reached(call, texts))


def _reached(call: Site, texts: Texts) -> tuple[Related, ...]:
    return related("related.reached", call, texts, call=source_of(call))
