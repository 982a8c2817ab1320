"""Layers that are made once and copied: every run has its own, made at the place where the run makes it."""

from __future__ import annotations

from gradguard.project.workspace import Workspace

TRAINED = """
import torch
from torch import nn

first = nn.Linear(3, 3)
second = nn.Linear(3, 3)
y = second(first(torch.ones(2, 3, requires_grad=True)))
with torch.no_grad():
    {written}.weight.add_(1)
y.sum().backward()
"""
FROZEN = TRAINED.replace("y = second", "second.weight.requires_grad_(False)\nsecond.noted = True\ny = second")
UNMADE = """
import torch
from torch import nn

try:
    nn.Linear(3, 3).missing
except AttributeError:
    y = torch.ones(3, requires_grad=True).exp()
    y += 1
    y.sum().backward()
"""


def _said(text: str) -> list[str]:
    workspace = Workspace()
    workspace.open("/project/train.py", text, 1)
    report = workspace.report("/project/train.py")
    writes = [f"{write.target} {write.verdict} {write.producer} {write.version_before}" for write in report.writes]
    return [*(f"{finding.code} {finding.message}" for finding in report.findings), *writes]


def test_layers_with_the_same_arguments_are_two() -> None:
    (finding, _) = _said(TRAINED.format(written="second"))
    assert finding.startswith("GG102")
    assert "updates `second.weight`" in finding


def test_a_run_sees_nothing_of_what_another_did_to_its_layers() -> None:
    alone = _said(TRAINED.format(written="second"))
    _said(FROZEN.format(written="second"))
    assert _said(TRAINED.format(written="second")) == alone


def test_the_first_layer_and_its_like_are_made_in_the_same_way() -> None:
    first, second = (_said(TRAINED.format(written=name))[-1] for name in ("first", "second"))
    assert first == second.replace("second", "first")


def test_a_copied_layer_lacks_what_it_never_had() -> None:
    assert any(each.startswith("GG101") for each in _said(UNMADE))
