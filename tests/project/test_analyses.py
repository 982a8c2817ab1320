"""Which analyses are looked at again, and which are not even asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradguard.interpreter.program import Program
from gradguard.interpreter.reads import Readers
from gradguard.project.workspace import Workspace
from gradguard.text.document import Change
from gradguard.text.places import Range

USER = "import torch\nfrom {module} import spoil\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\nspoil(y)\ny.sum().backward()\n"
SPOIL = "def spoil(t):\n    t += 1\n"


def workspace_of(texts: dict[str, str]) -> Workspace:
    workspace = Workspace(("/project",))
    for name, text in texts.items():
        workspace.open(f"/project/{name}.py", text, 1)
    for name in texts:
        workspace.report(f"/project/{name}.py")
    return workspace


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Readers]:
    """The analyses that were asked whether something they read has changed."""
    calls: list[Readers] = []
    original = Readers.stale

    def stale(self: Readers, program: Program) -> set[str]:
        calls.append(self)
        return original(self, program)

    monkeypatch.setattr(Readers, "stale", stale)
    return calls


def test_an_edit_asks_only_the_readers_of_its_file(asked: list[Readers]) -> None:
    texts = {"helper": SPOIL, "user": USER.format(module="helper"), **{f"other{n}": SPOIL for n in range(5)}}
    workspace = workspace_of(texts)
    asked.clear()
    workspace.change("/project/helper.py", [Change(Range(1, 4, 1, 10), "t = t + 1")], 2)
    workspace.report("/project/helper.py")
    changed = [report.path for report in workspace.refresh("/project/helper.py")]
    assert changed == ["/project/user.py", "/project/helper.py"]
    assert {path for readers in asked for path in readers.paths} == {"/project/helper.py", "/project/user.py"}


def test_a_file_that_comes_is_met_by_those_that_missed_it() -> None:
    workspace = workspace_of({"user": USER.format(module="helper")})
    first = workspace.report("/project/user.py")
    assert first is not None
    workspace.open("/project/helper.py", SPOIL, 1)
    second = workspace.report("/project/user.py")
    assert second is not None
    assert ([each.code for each in first.elsewhere], [each.code for each in second.elsewhere]) == ([], ["GG101"])


def test_another_torch_means_another_analysis(tmp_path: Path) -> None:
    path = str(tmp_path / "a.py")
    workspace = Workspace((str(tmp_path),))
    workspace.open(path, USER.format(module="helper"), 1)
    reports = []
    for version in ("2.13", "2.13", "2.7"):
        workspace.set_settings({"torchVersion": version})
        report = workspace.report(path)
        assert report is not None
        reports.append(bool(report.reanalysed))
    assert reports == [True, False, True]
