"""Python's collector comes by at moments that depend on the whole process: results must not."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gradguard.project.workspace import Workspace

LEFT = """import torch

def pieces(x):
    y = x.exp()
    try:
        yield y
    finally:
        y += 1

w = torch.ones(3, requires_grad=True)
generator = pieces(w)
first = next(generator)
generator = None
others = [w * number for number in range(50)]
first.sum().backward()
"""


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize("threshold", [1, 10**6])
def test_a_generator_that_is_left_is_not_closed_by_the_collector(threshold: int) -> None:
    gc.set_threshold(threshold)
    workspace = Workspace()
    workspace.open("/project/a.py", LEFT)
    report = workspace.report("/project/a.py")
    assert report is not None
    assert not report.findings
