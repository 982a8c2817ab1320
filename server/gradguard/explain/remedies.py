"""What helps against a write, in the user's own words: the same line out of place, or a copy before it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from gradguard.interpreter.sites import Site
    from gradguard.rules.texts import Texts

LONGEST = 40
"""Code points of the user's code shown in a remedy; longer code would hide the advice."""


def say_remedies(code: str, site: Site | None, texts: Texts) -> str:
    """The remedies of the rule `code` for the write at `site`; "" if the rule has none."""
    key = f"hover.{code}.remedies"
    better = None if site is None else out_of_place(site.node)
    if better is None and texts.has(f"{key}.item") and site is not None and site.kind in ("setitem", "augmented"):
        return texts.say(f"{key}.item", target=_root(site))
    return texts.say(key, better=better or "y = y + 1") if texts.has(key) else ""


def out_of_place(node: ast.AST) -> str | None:
    """`y = y + …` for `y += 1`, `y = y.clamp(…)` for `y.clamp_(0)`; None where only a part is written, or nothing is named."""
    match node:
        case ast.AugAssign(target=ast.Name() | ast.Attribute() as target, op=op):
            value = ast.unparse(ast.BinOp(left=ast.Name(ast.unparse(target)), op=op, right=ast.Name("…")))
        case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() as target, attr=name)) if name.endswith(
            "_"
        ) and Catalog.load().candidates(f"Tensor.{name.rstrip('_')}"):
            value = f"{ast.unparse(target)}.{name.rstrip('_')}({'…' if node.args or node.keywords else ''})"
        case _:
            return None
    code = f"{ast.unparse(target)} = {value}"
    return code if len(code) <= LONGEST else None


def _root(site: Site) -> str:
    """The tensor of which `site` writes a part: `x` for `x[i] = v` and for `x[i] += 1`."""
    target = site.target
    node: ast.AST = ast.parse(target, mode="eval").body if target else ast.Name("x")
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node)
