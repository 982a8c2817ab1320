"""Walking syntax trees beside what `ast` gives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gradguard
from gradguard.interpreter.trees import nodes_of

SOURCES = sorted(Path(gradguard.__file__).parent.glob("*/*.py"))
LEFT_OUT = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_all_nodes_in_the_order_of_walk(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert nodes_of(tree) == [node for node in ast.walk(tree) if not isinstance(node, LEFT_OUT)]


def test_every_kind_of_statement_is_looked_into() -> None:
    tree = ast.parse(
        "match a:\n    case {'b': c, **d} if e:\n        pass\n    case [f, *g] | h.i():\n        pass\n"
        "async def j(k: l, /, *m, n=o, **p) -> q:\n    await r\n    async with s as t:\n        yield u\n"
        "try:\n    x = y\nexcept z as w:\n    raise\nfinally:\n    del v\n"
    )
    assert nodes_of(tree) == [node for node in ast.walk(tree) if not isinstance(node, LEFT_OUT)]


def test_closed_nodes_are_listed_but_not_looked_into() -> None:
    (function,) = ast.parse("def f():\n    a\n    def g():\n        b\n").body
    assert isinstance(function, ast.FunctionDef)
    found = [node for statement in function.body for node in nodes_of(statement, (ast.FunctionDef,))]
    assert [node.id for node in found if isinstance(node, ast.Name)] == ["a"]
    assert [node.name for node in found if isinstance(node, ast.FunctionDef)] == ["g"]
