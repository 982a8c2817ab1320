"""Copies: of what is saved, where it is saved; of what is written, before the write; of an expanded tensor, where it is made.

A copy at the save is always right: the operator sees equal values, and everybody else keeps sharing what they shared.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import ALIASING, is_no_tensor, is_shared, may_rebind, path_of, root_of, written_expression
from gradguard.fixes.rewriting import method_call
from gradguard.fixes.words import (
    LEAF_RULES,
    event_of,
    loses_history,
    must_stay_leaf,
    save_of,
    shortened,
    site_or_none,
    write_site,
)
from gradguard.rules.wording import saved_expression, say_operator
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot

_MODULES = frozenset({"torch", "nn", "np", "autograd", "F"})
_NO_TENSORS = _MODULES | {"self", "cls", "ctx"}


def before_write(situation: Situation) -> Iterator[Candidate]:
    """`x[i] = v` → `x = x.clone()` first; in `a[0][1] = v` first `a[0]` is tried, then `a`."""
    spot = situation.spot(write_site(situation.finding))
    if spot is None or not spot.owns_lines or loses_history(situation.finding):
        return
    written = written_expression(spot)
    while written is not None:
        if may_rebind(spot, written) and not must_stay_leaf(situation.finding, spot, written):
            path = path_of(written)
            code = f"{path} = {path}.clone()"
            leaf, shared = situation.finding.code in LEAF_RULES, is_shared(spot, written)
            manner = ".leaf" if leaf else ".shared" if shared else ".loop" if spot.loops else ""
            yield Candidate(
                situation.texts.say(f"fix.clone.write{manner}", code=shortened(code)),
                (spot.inserted_before(spot.statement, code),),
                "unsafe" if leaf or shared else "safe",
                repeatable=isinstance(written, ast.Name | ast.Attribute),
            )
        match written:
            case ast.Subscript(value=inner):
                written = inner
            case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in ALIASING or method.endswith("_"):
                written = inner
            case _:
                written = None


def at_save(situation: Situation) -> Iterator[Candidate]:
    """`torch.mm(w, b)` → `torch.mm(w, b.clone())`, or `y = x.exp()` → `y = x.exp().clone()` where the result is saved."""
    save = save_of(situation.finding)
    if save is None:
        return
    spot = situation.spot(site_or_none(save.origin))
    if spot is None:
        return
    if save.is_result:
        wanted = spot.expression
        if wanted is None or not _makes_its_value(spot, wanted) or _hands_on(wanted, say_operator(save)):
            return
        yield from _cloned(situation, spot, wanted)
        return
    saved = saved_expression(save)
    operands = _operands(spot, spot.expression or spot.statement)
    for operand in sorted(operands, key=lambda each: path_of(each) != saved):
        yield from _cloned(situation, spot, operand)
    yield from _all_cloned(situation, spot)


def at_view(situation: Situation) -> Iterator[Candidate]:
    """`row.expand(3, 4)` → `row.expand(3, 4).clone()`; the written tensor gets memory of its own."""
    view = event_of(situation.finding, "view")
    spot = None if view is None else situation.spot(site_or_none(view.origin))
    if spot is None or spot.expression is None:
        return
    yield from _cloned(situation, spot, spot.expression)


def at_use(situation: Situation) -> Iterator[Candidate]:
    """What a call or an operator is given is cloned: an inference tensor that it saves, a leaf that it writes."""
    for name in ("use", "apply"):
        event = event_of(situation.finding, name)
        spot = None if event is None else situation.spot(site_or_none(event.origin))
        for operand in () if spot is None else _operands(spot, spot.expression or spot.statement):
            if spot is not None:
                yield from _cloned(situation, spot, operand)


def _cloned(situation: Situation, spot: Spot, expression: ast.expr) -> Iterator[Candidate]:
    snippet = spot.snippet()
    old = snippet.expression_at(spot.range_of(expression))
    if old is None or not isinstance(getattr(expression, "ctx", None), ast.Load | None):
        return
    new = method_call(old, "clone")
    yield Candidate(
        situation.texts.say("fix.clone.save", code=shortened(snippet.code_of(new))),
        (snippet.replaced(old, new),),
        "safe",
    )


def _all_cloned(situation: Situation, spot: Spot) -> Iterator[Candidate]:
    """Everything that the saving statement reads from the written tensor is cloned together, as in `x[i - 1] * x[i - 2]`.

    Then everything that the statements before the write read from it, where these stand in the same function.
    """
    write = situation.spot(write_site(situation.finding))
    written = None if write is None else written_expression(write)
    if write is None or written is None:
        return
    while isinstance(written, ast.Subscript | ast.Call):
        inner = written.func if isinstance(written, ast.Call) else written.value
        written = inner.value if isinstance(inner, ast.Attribute) and isinstance(written, ast.Call) else inner
    path = path_of(written)
    groups = [[spot.statement]]
    if write.function is spot.function and write.source is spot.source and write.block == spot.block:
        groups.append(list(write.block[: write.block.index(write.statement)]))
    for statements in groups:
        values = [getattr(statement, "value", None) or statement for statement in statements]
        parts = [part for value in values for part in _read_from(value, path) if _may_be_tensor(spot, part)]
        if parts:
            ends = [spot.range_of_any(part)[2:] for part in parts]
            edits = tuple(Edit(Place(spot.source.path, Range(*end, *end)), ".clone()") for end in ends)
            code = ", ".join(dict.fromkeys(f"{path_of(part)}.clone()" for part in parts))
            yield Candidate(situation.texts.say("fix.clone.save", code=shortened(code)), edits, "safe")


def _read_from(node: ast.AST, path: str) -> Iterator[ast.expr]:
    """The largest names, attributes and items that begin with `path` and are read in `node`."""
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=method)):
            read = [] if method.endswith("_") else [receiver]
            for inner in (*read, *node.args, *(keyword.value for keyword in node.keywords)):
                yield from _read_from(inner, path)
        case ast.Subscript(ctx=ast.Store(), slice=index):
            yield from _read_from(index, path)  # What is written must stay the tensor itself.
        case ast.Attribute(ctx=ast.Store()):
            pass
        case ast.Name() | ast.Subscript() | ast.Attribute() if isinstance(node.ctx, ast.Load) and _begins(node, path):
            yield node
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _read_from(child, path)


def _begins(node: ast.expr, path: str) -> bool:
    """Whether `node` is what stands at `path`, or an attribute or item of it."""
    while path_of(node) != path:
        if not isinstance(node, ast.Subscript | ast.Attribute):
            return False
        node = node.value
    return True


def _operands(spot: Spot, node: ast.AST) -> list[ast.expr]:
    """What an operator or call is given, as written; which of it was saved, the re-analysis tells."""
    match node:
        case ast.BinOp(left=left, right=right):
            operands = [left, right]
        case ast.AugAssign(value=value):
            operands = [value]
        case ast.Call(func=function, args=arguments, keywords=keywords):
            # What is written in place must be the tensor itself and no copy of it.
            reads_only = isinstance(function, ast.Attribute) and not function.attr.endswith("_")
            receiver = [function.value] if isinstance(function, ast.Attribute) and reads_only else []
            operands = [*arguments, *(keyword.value for keyword in keywords), *receiver]
        case _:
            return []
    return [each for each in operands if _may_be_tensor(spot, each)]


def _may_be_tensor(spot: Spot, operand: ast.expr) -> bool:
    """Rules out what is plainly something else: a class, an object's own `self`, one of torch's modules, a container."""
    if isinstance(operand, ast.Name):
        plain = operand.id in _NO_TENSORS or operand.id[:1].isupper()
        return not plain and not is_no_tensor(spot, operand.id)
    if isinstance(operand, ast.Attribute):
        return root_of(operand) not in _MODULES
    return isinstance(operand, ast.Subscript | ast.Call)


def _hands_on(expression: ast.expr, operator: str) -> bool:
    """Whether the call is given the operator to run it, as `pool.submit(torch.tanh, x)`: what it returns may be anything."""
    return isinstance(expression, ast.Call) and any(
        path_of(argument).rpartition(".")[2] == operator for argument in expression.args
    )


def _makes_its_value(spot: Spot, expression: ast.expr) -> bool:
    """Whether the value is what the expression evaluates to, and not something that an inner call saved and hid."""
    if isinstance(spot.statement, ast.Assign) and any(isinstance(each, ast.Tuple) for each in spot.statement.targets):
        return False  # Several results at once: a tuple cannot be cloned.
    return isinstance(expression, ast.Call | ast.BinOp | ast.UnaryOp) and not isinstance(spot.statement, ast.Expr)
