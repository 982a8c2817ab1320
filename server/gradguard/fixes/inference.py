"""Inference tensors that are written or saved later: made under `torch.no_grad()` instead, where tensors stay ordinary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.analysis.results import WriteRecord
from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.words import site_or_none
from gradguard.rules.gg205_inference_tensor_written import creation
from gradguard.tape.hazards import InferenceTensorMisused
from gradguard.text.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot

_MODE = "inference_mode"


def made_under_no_grad(situation: Situation) -> Iterator[Candidate]:
    """`with torch.inference_mode():` → `with torch.no_grad():` round what makes the tensor; a decorator likewise."""
    evidence = situation.finding.evidence
    if isinstance(evidence, WriteRecord) or not isinstance(evidence.hazard, InferenceTensorMisused):
        return
    site = site_or_none(creation(evidence.hazard))
    for each in (site, *reversed(site.calls)) if site is not None else ():
        spot = situation.spot(each)
        if spot is None:
            continue
        for mode in _modes(spot):
            edit = Edit(Place(spot.source.path, spot.range_of(mode.func)), "torch.no_grad")
            yield Candidate(situation.texts.say("fix.no_grad.inference"), (edit,), "safe")


def _modes(spot: Spot) -> Iterator[ast.Call]:
    """The calls of `inference_mode()` that hold at the spot, innermost first; one with arguments may mean something else."""
    for node in reversed(spot.nodes):
        holders: list[ast.expr] = []
        if isinstance(node, ast.With):
            holders = [item.context_expr for item in node.items]
        elif isinstance(node, ast.FunctionDef):
            holders = node.decorator_list
        for holder in holders:
            match holder:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr=name), args=[], keywords=[]) if (
                    name == _MODE
                ):
                    yield holder
