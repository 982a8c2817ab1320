"""Parameters that are updated before their last backward: the forward runs on copies, which no update reaches.

`torch.func.functional_call` runs a module with other tensors in the place of its own. A copy passes its gradient on to the
parameter, so values and gradients are those of the forward as it was run.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import knows_torch, path_of, root_of
from gradguard.fixes.words import save_of, shortened, site_or_none, write_site
from gradguard.interpreter.sites import MODULES
from gradguard.text.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot


def copied(situation: Situation) -> Iterator[Candidate]:
    """`model(x)` → `torch.func.functional_call(model, {copies of its parameters}, (x,))`, outermost module first."""
    save = save_of(situation.finding)
    site = None if save is None else site_or_none(save.origin)
    writing = write_site(situation.finding)
    saving, writer = situation.spot(site), situation.spot(writing)
    if _in_one_class(saving, writer) and writing is not None and writing.kind != "optimizer":
        return  # A module that writes its own parameters would write, or replace, the copies.
    # A call in which the write stands too would write the copies.
    around = {id(each.node) for each in (() if writing is None else (*writing.calls, writing))}
    for each in (*site.calls, site) if site is not None else ():
        spot = situation.spot(each)
        if id(each.node) in around or spot is None or not knows_torch(spot.source):
            continue
        if isinstance(spot.expression, ast.Call) and _calls_module(spot, spot.expression):
            yield from _candidate(situation, spot, [spot.expression])
            yield from _candidate(situation, spot, list(_module_calls(spot, spot.statement)))


def _candidate(situation: Situation, spot: Spot, calls: list[ast.Call]) -> Iterator[Candidate]:
    """All of `calls`, which do not overlap, on copies."""
    codes = [_on_copies(spot, call) for call in calls]
    places = [Place(spot.source.path, spot.range_of(call)) for call in calls]
    edits = tuple(Edit(place, code) for place, code in zip(places, codes, strict=True) if code is not None)
    if edits:
        shown = ", ".join(path_of(call) for call in calls)
        title = situation.texts.say("fix.copied_parameters", code=shortened(shown))
        yield Candidate(title, edits, "unsafe")


def _module_calls(spot: Spot, node: ast.AST) -> Iterator[ast.Call]:
    """The outermost calls of modules in `node`."""
    if isinstance(node, ast.Call) and _calls_module(spot, node):
        yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _module_calls(spot, child)


def _in_one_class(one: Spot | None, other: Spot | None) -> bool:
    return one is not None and other is not None and one.class_ is not None and one.class_ is other.class_


def _on_copies(spot: Spot, call: ast.Call) -> str | None:
    text = spot.source.document.text_in
    module = text(spot.range_of(call.func))
    given = [text(spot.range_of(argument)) for argument in call.args]
    named = [f'"{each.arg}": {text(spot.range_of(each.value))}' for each in call.keywords if each.arg is not None]
    if len(named) < len(call.keywords) or any("\n" in part or "\r" in part for part in (module, *given, *named)):
        return None
    arguments = f"({', '.join(given)}{',' if len(given) == 1 else ''})"
    further = f", {{{', '.join(named)}}}" if named else ""
    copies = f"{{name: each.clone() for name, each in {module}.named_parameters()}}"
    return f"torch.func.functional_call({module}, {copies}, {arguments}{further})"


def _calls_module(spot: Spot, call: ast.Call) -> bool:
    """Whether what is called is an object: no function, method or class of the file, nothing of torch or imported by name."""
    called = call.func
    if not isinstance(called, ast.Name | ast.Attribute | ast.Subscript) or root_of(called) in MODULES:
        return False
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    for top in spot.top_level:
        for node in ast.walk(top):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name == name:
                    return False
                case ast.ImportFrom(names=aliases) if name in {each.asname or each.name for each in aliases}:
                    return False
    return True
