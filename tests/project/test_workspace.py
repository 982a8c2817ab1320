"""The workspace: open texts over disk, configuration, suppressions, and what an edit makes necessary again."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradguard.project.report import Report
from gradguard.project.workspace import Workspace
from gradguard.text.document import Change
from gradguard.text.places import Range

HAZARD = """\
import torch

w = torch.ones(3, requires_grad=True)
y = w.exp()
y += 1
y.sum().backward()
"""

SAFE = HAZARD.replace("w.exp()", "w * 2")


def codes(report: Report | None) -> list[tuple[str, str, int]]:
    assert report is not None
    return [(finding.code, finding.severity, finding.place.range.start_line) for finding in report.findings]


def write(root: Path, **files: str) -> Workspace:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text, encoding="utf-8")
    return Workspace((str(root),))


def test_an_open_text_goes_before_the_file(tmp_path: Path) -> None:
    workspace = write(tmp_path, a=HAZARD)
    path = str(tmp_path / "a.py")
    assert codes(workspace.report(path)) == [("GG101", "error", 4)]
    workspace.open(path, SAFE, 7)
    report = workspace.report(path)
    assert report is not None
    assert (report.version, codes(report)) == (7, [("GG901", "hint", 4)])
    workspace.change(path, [Change(Range(3, 4, 3, 9), "w.exp()")], 8)
    assert codes(workspace.report(path)) == [("GG101", "error", 4)]
    workspace.change(path, [Change(Range(4, 0, 4, 6), "y = y + 1")], 9)
    assert codes(workspace.report(path)) == []
    workspace.close(path)
    assert codes(workspace.report(path)) == [("GG101", "error", 4)]


def test_a_text_without_a_file_is_analysed_too() -> None:
    workspace = Workspace()
    workspace.open("untitled:Untitled-1", HAZARD, 1)
    assert codes(workspace.report("untitled:Untitled-1")) == [("GG101", "error", 4)]
    workspace.close("untitled:Untitled-1")
    assert workspace.report("untitled:Untitled-1") is None


def test_files_that_come_and_go_on_disk(tmp_path: Path) -> None:
    workspace = write(tmp_path)
    path = str(tmp_path / "a.py")
    assert workspace.report(path) is None
    write(tmp_path, a=HAZARD)
    workspace.changed_on_disk(path)
    assert codes(workspace.report(path)) == [("GG101", "error", 4)]
    (tmp_path / "a.py").write_bytes(b"x = '\xff'")
    workspace.changed_on_disk(path)
    assert workspace.report(path) is None
    assert workspace.problem(path) == "line 1 is not utf-8"
    (tmp_path / "a.py").unlink()
    workspace.changed_on_disk(path)
    assert workspace.report(path) is None


def test_moving_lines_moves_findings() -> None:
    workspace = Workspace()
    workspace.open("a", HAZARD)
    assert codes(workspace.report("a")) == [("GG101", "error", 4)]
    workspace.change("a", [Change(Range(1, 0, 1, 0), "\n\n")], 1)
    assert codes(workspace.report("a")) == [("GG101", "error", 6)]


def test_broken_code_elsewhere_keeps_findings() -> None:
    workspace = Workspace()
    workspace.open("a", HAZARD + "\ndef g(:\n    return\n")
    assert codes(workspace.report("a")) == [("GG101", "error", 4)]


MODEL = "def spoil(t):\n    t += 1\n    return t\n"
TRAIN = (
    "import torch\nfrom model import spoil\n\nw = torch.ones(3, requires_grad=True)\nspoil(w.exp()).sum().backward()\n"
)


def test_a_change_in_one_file_changes_the_findings_of_another(tmp_path: Path) -> None:
    workspace = write(tmp_path, model=MODEL, train=TRAIN)
    model, train = str(tmp_path / "model.py"), str(tmp_path / "train.py")
    workspace.open(model, MODEL, 1)
    workspace.open(train, TRAIN, 1)
    own = workspace.report(train)
    assert own is not None
    assert codes(own) == []
    assert [(each.place.path, each.code, each.severity) for each in own.elsewhere] == [(model, "GG101", "error")]
    assert codes(workspace.report(model)) == [("GG101", "error", 1)]
    workspace.change(model, [Change(Range(1, 4, 1, 10), "t = t + 1")], 2)
    assert codes(workspace.report(model)) == []
    assert {report.path for report in workspace.refresh(model)} == {train, model}
    assert codes(workspace.report(model)) == []
    workspace.change(model, [Change(Range(1, 4, 1, 13), "t += 1")], 3)
    assert "GG101" not in [code for code, severity, _ in codes(workspace.report(model)) if severity == "error"]
    refreshed = {report.path: codes(report) for report in workspace.refresh(model)}
    assert refreshed[model] == [("GG101", "error", 1)]


def test_a_module_that_appears_is_followed(tmp_path: Path) -> None:
    workspace = write(tmp_path, train=TRAIN)
    train = str(tmp_path / "train.py")
    first = workspace.report(train)
    assert first is not None
    assert first.elsewhere == ()
    write(tmp_path, model=MODEL)
    workspace.changed_on_disk(str(tmp_path / "model.py"))
    second = workspace.report(train)
    assert second is not None
    assert [each.code for each in second.elsewhere] == ["GG101"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", [("GG101", "error", 4)]),
        ('ignore = ["GG101"]', []),
        ('select = ["GG2"]', []),
        ('severity = {GG1 = "info"}', [("GG101", "info", 4)]),
        ('exclude = ["a.py"]', []),
        ('per-file-ignores = {"a*" = ["GG1"]}', []),
        ('per-file-ignores = {"b*" = ["GG1"]}', [("GG101", "error", 4)]),
        ("hints = false", [("GG101", "error", 4)]),
    ],
)
def test_configuration_counts(tmp_path: Path, table: str, expected: list[tuple[str, str, int]]) -> None:
    workspace = write(tmp_path, a=HAZARD)
    (tmp_path / "pyproject.toml").write_text(f"[tool.gradguard]\n{table}\n", encoding="utf-8")
    assert codes(workspace.report(str(tmp_path / "a.py"))) == expected


def test_hints_can_be_warnings_or_nothing(tmp_path: Path) -> None:
    workspace = write(tmp_path, a=SAFE)
    path = str(tmp_path / "a.py")
    assert codes(workspace.report(path)) == [("GG901", "hint", 4)]
    workspace.set_settings({"hints": False})
    assert codes(workspace.report(path)) == []
    workspace.set_settings({"hints": False, "severity": {"GG901": "warning"}})
    assert codes(workspace.report(path)) == [("GG901", "warning", 4)]


def test_a_changed_pyproject_is_read_again(tmp_path: Path) -> None:
    workspace = write(tmp_path, a=HAZARD)
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[tool.gradguard]\nignore = ["GG1", "X"]\n', encoding="utf-8")
    path = str(tmp_path / "a.py")
    assert codes(workspace.report(path)) == []
    assert [problem.message for problem in workspace.configuration_problems()] == [
        "`ignore`: no rule has a code that begins with `X`"
    ]
    pyproject.write_text("[tool.gradguard]\n", encoding="utf-8")
    workspace.changed_on_disk(str(pyproject))
    assert codes(workspace.report(path)) == [("GG101", "error", 4)]
    assert workspace.configuration_problems() == ()


def test_each_root_has_its_own_settings(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(HAZARD, encoding="utf-8")
    workspace = Workspace((str(tmp_path / "one"), str(tmp_path / "two")))
    workspace.set_settings({"ignore": ["GG1"]}, str(tmp_path / "one"))
    assert codes(workspace.report(str(tmp_path / "one" / "a.py"))) == []
    assert codes(workspace.report(str(tmp_path / "two" / "a.py"))) == [("GG101", "error", 4)]


def test_fixes_are_tried_and_leave_the_text_alone() -> None:
    workspace = Workspace()
    workspace.open("a", HAZARD)
    report = workspace.report("a")
    assert report is not None
    fixes = workspace.fixes(report.findings[0])
    assert fixes[0].preferred
    assert fixes[0].edits[0].place.path == "a"
    assert workspace.report("a") == report
