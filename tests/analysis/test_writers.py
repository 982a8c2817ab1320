"""Which functions are worth running, told from the text."""

from __future__ import annotations

import pytest

from gradguard.analysis.entries import MODULE, Entries
from gradguard.text.source import SourceFile


def _entries(text: str) -> set[str]:
    return {entry.name for entry in Entries(SourceFile("program.py", "import torch\n" + text)).order}


@pytest.mark.parametrize(
    "statement",
    ["x += 1", "x[0] = 1", "x.add_(1)", "x.data = y", "loss.backward()", "optimizer.step()", "torch.exp(y, out=x)"]
    + ["F.relu(x, inplace=True)", "F.relu(x, True)", "total = 0; total += x", "torch.autograd.grad(x, y)"],
)
def test_a_function_that_may_write_is_run(statement: str) -> None:
    assert _entries(f"def f(x, y):\n    {statement}\n") == {"f"}


@pytest.mark.parametrize(
    "statement",
    ["count = 0; count += 1", "out = []; out[0] = x", "out = {}; out[x] = y", "x['key'] = y", "super().__init__()"]
    + ["nn.init.zeros_(x.weight)", "scheduler.step()", "F.relu(x, inplace=False)", "text = ''; text += 'a'"],
)
def test_a_function_that_cannot_write_is_not_run(statement: str) -> None:
    assert _entries(f"def f(x, y):\n    {statement}\n") == set()


def test_a_forward_is_run_for_the_layer_that_its_class_makes() -> None:
    text = """
class Net(nn.Module):
    def __init__(self):
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(x)

class Plain(nn.Module):
    def __init__(self):
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(x)
"""
    assert _entries(text) == {"Net.forward"}


def test_callers_are_run_up_to_two_calls_away() -> None:
    text = "def a(x):\n    x += 1\n" + "".join(f"def {f}(x):\n    {g}(x)\n" for f, g in ("ba", "cb", "dc", "ed"))
    assert _entries(text) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("statement", "runs"),
    [("train()", True), ("for x in y: pass", True), ("register(model)", False), ("logger = get_logger()", False)],
)
def test_a_module_is_run_for_what_it_does(statement: str, runs: bool) -> None:
    assert (MODULE in _entries(statement + "\n")) is runs
