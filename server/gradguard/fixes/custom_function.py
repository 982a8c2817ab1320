"""Custom functions: an input that `forward` writes is marked dirty, or written out of place."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import root_of
from gradguard.fixes.words import event_of, shortened, site_or_none, write_site
from gradguard.interpreter.sites import Site
from gradguard.text.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot


def marked_dirty(situation: Situation) -> Iterator[Candidate]:
    """`x *= 2; return x` in `forward(ctx, x)` → `ctx.mark_dirty(x)` after the write."""
    for spot in _forwards(situation):
        function = spot.function
        if function is None or len(function.args.args) < 2:
            continue
        context, *inputs = [argument.arg for argument in function.args.args]
        for statement in function.body:
            written = _written(statement)
            if written in inputs:
                code = f"{context}.mark_dirty({written})"
                yield Candidate(
                    situation.texts.say("fix.mark_dirty", code=shortened(code)),
                    (spot.inserted_after(statement, code),),
                    "unsafe",
                )


def _forwards(situation: Situation) -> Iterator[Spot]:
    """Spots inside the `forward` in question: the write's own, else every one in the file."""
    write = situation.spot(write_site(situation.finding))
    if write is not None and write.function is not None and write.function.name == "forward":
        yield write
        return
    apply = event_of(situation.finding, "apply") or event_of(situation.finding, "view")
    applied = None if apply is None else situation.spot(site_or_none(apply.origin))
    if applied is None:
        return
    names = {_applied(node) for node in ast.walk(applied.statement)}
    for chunk in (each for source in situation.sources for each in source.chunks):
        for top in chunk.tree if not chunk.holes else ():
            if isinstance(top, ast.ClassDef) and top.name in names:
                for method in top.body:
                    if isinstance(method, ast.FunctionDef) and method.name == "forward":
                        inner = situation.spot(Site(chunk, method.body[0]))
                        if inner is not None:
                            yield inner


def _applied(node: ast.AST) -> str | None:
    match node:
        case ast.Attribute(attr="apply", value=ast.Name(id=name)):
            return name
    return None


def _written(statement: ast.stmt) -> str | None:
    match statement:
        case ast.AugAssign(target=ast.Name(id=name)):
            return name
        case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name))):
            return name
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
            return name
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method))) if method.endswith("_"):
            return name
    return None


def returned(situation: Situation) -> Iterator[Candidate]:
    """`ctx.mark_dirty(x); return x.clone()` → `return x`: what is marked dirty must be returned as it is."""
    for spot in _forwards(situation):
        marked = {
            argument.id
            for node in (ast.walk(spot.function) if spot.function is not None else ())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "mark_dirty"
            for argument in node.args
            if isinstance(argument, ast.Name)
        }
        for statement in spot.function.body if spot.function is not None else ():
            if isinstance(statement, ast.Return) and statement.value is not None and root_of(statement.value) in marked:
                code = str(root_of(statement.value))
                edit = Edit(Place(spot.source.path, spot.range_of(statement.value)), code)
                yield Candidate(situation.texts.say("fix.returned", code=f"return {code}"), (edit,), "unsafe")
