"""What is analysed again after an edit: the entries that read what changed, and nothing else."""

from __future__ import annotations

from gradguard.project.workspace import Workspace
from gradguard.text.document import Change
from gradguard.text.places import Range
from tests.incremental.programs import HELPER, USER

LIBRARY = """\
import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        y = torch.sigmoid(self.linear(x))
        y *= 2
        return y


def scaled(x, factor):
    return x * factor


def loss(x):
    y = scaled(x, 2).exp()
    y += 1
    return y.sum()


def apart(x):
    return x.tanh().mul_(2)
"""


def opened(text: str) -> tuple[Workspace, set[str]]:
    """A workspace with `text` analysed, and the names of everything that was run."""
    workspace = Workspace(("/project",))
    workspace.open("/project/a.py", text)
    report = workspace.report("/project/a.py")
    assert report is not None
    return workspace, set(report.reanalysed)


def reanalysed_after(workspace: Workspace, old: str, new: str, path: str = "/project/a.py") -> list[str]:
    """Put `new` in the place of `old`, which must be there once, and say what was run again for the new report."""
    source = workspace.source(path)
    assert source is not None
    before, found, _ = source.text.partition(old)
    assert found
    line = before.count("\n")
    column = len(before) - before.rfind("\n") - 1
    end_column = len(old) - old.rfind("\n") - 1 if "\n" in old else column + len(old)
    change = Change(Range(line, column, line + old.count("\n"), end_column), new)
    workspace.change(path, [change], source.version + 1)
    report = workspace.report(path)
    assert report is not None
    return list(report.reanalysed)


def test_the_first_report_runs_every_entry() -> None:
    _, everything = opened(LIBRARY)
    assert {"Gate.forward", "loss", "apart"} <= everything


def test_a_second_report_runs_nothing() -> None:
    workspace, _ = opened(LIBRARY)
    report = workspace.report("/project/a.py")
    assert report is not None
    assert report.reanalysed == ()


def test_moving_lines_runs_nothing() -> None:
    workspace, _ = opened(LIBRARY)
    assert reanalysed_after(workspace, "\n\nclass Gate", "\n\n# a note\n\n\nclass Gate") == []


def test_a_body_concerns_its_own_entry() -> None:
    workspace, _ = opened(LIBRARY)
    assert reanalysed_after(workspace, "mul_(2)", "mul_(3)") == ["apart"]
    assert reanalysed_after(workspace, "y *= 2", "y *= 3") == ["Gate.forward"]


def test_a_called_body_concerns_its_callers() -> None:
    workspace, _ = opened(LIBRARY)
    assert reanalysed_after(workspace, "return x * factor", "return x + factor") == ["loss"]


def test_half_typed_code_concerns_its_own_entry() -> None:
    workspace, _ = opened(LIBRARY)
    assert reanalysed_after(workspace, "torch.sigmoid(self.linear(x))", "torch.sigmoid(") == ["Gate.forward"]


def test_a_name_that_is_rebound_concerns_its_readers() -> None:
    workspace, _ = opened(LIBRARY + "\n\nunread = 1\n")
    again = reanalysed_after(workspace, "unread = 1", "unread = 2")
    assert not {"Gate.forward", "loss", "apart"} & set(again)
    again = reanalysed_after(workspace, "import torch\n", "import torch as torch\n")
    assert "Gate.forward" in again
    assert not {"loss", "apart"} & set(again)


def test_an_edit_in_another_file_concerns_what_reads_it() -> None:
    workspace = Workspace(("/project",))
    workspace.open("/project/helper.py", HELPER)
    workspace.open("/project/main.py", USER + "\n\ndef alone(x):\n    y = x.exp()\n    y += 1\n    return y\n")
    workspace.report("/project/helper.py")
    first = workspace.report("/project/main.py")
    assert first is not None
    assert "alone" in first.reanalysed
    reanalysed_after(workspace, "t += 1", "t += 2", "/project/helper.py")
    (report, *_) = [each for each in workspace.refresh("/project/helper.py") if each.path == "/project/main.py"]
    assert report.reanalysed
    assert "alone" not in report.reanalysed


def test_an_edit_of_what_nobody_reads_concerns_no_other_file() -> None:
    workspace = Workspace(("/project",))
    workspace.open("/project/helper.py", HELPER)
    workspace.open("/project/main.py", USER)
    workspace.report("/project/helper.py")
    workspace.report("/project/main.py")
    reanalysed_after(workspace, '"""Layers that the program imports."""', '"""Layers."""', "/project/helper.py")
    assert [report.path for report in workspace.refresh("/project/helper.py") if report.reanalysed] == []


def test_a_name_that_comes_concerns_what_imports_every_name() -> None:
    workspace = Workspace(("/project",))
    workspace.open("/project/helper.py", "def keep(t):\n    return t\n")
    workspace.open("/project/main.py", USER.replace("import Scale, keep, spoil", "import *"))
    workspace.report("/project/helper.py")
    workspace.report("/project/main.py")
    reanalysed_after(workspace, "return t\n", "return t + 1\n", "/project/helper.py")
    assert [report.reanalysed for report in workspace.refresh("/project/helper.py")] == [("<module>",)]
    reanalysed_after(workspace, "return t + 1\n", "return t + 1\n\n\ndef spoil(t):\n    t += 1\n", "/project/helper.py")
    assert [report.reanalysed for report in workspace.refresh("/project/helper.py")] == [("<module>",)]
