"""`gradguard check` as a user and a CI job meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from expecttest import assert_expected_inline

from tests.cli.conftest import Run

HAZARD = """\
import torch

w = torch.ones(3, requires_grad=True)
y = w.exp()
y += 1
y.sum().backward()
"""
SAFE = HAZARD.replace("w.exp()", "w * 2")
CLEAN = HAZARD.replace("y += 1", "y = y + 1")


def test_text_shows_the_three_places(run: Run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(HAZARD, encoding="utf-8")
    result = run("check", "train.py")
    assert result.returncode == 1
    assert_expected_inline(
        result.stdout,
        """\
error[GG101]: `y` is overwritten in place after `exp` saved it
 --> train.py:5:1
4 | y = w.exp()
  |     ------- saved here: the derivative of `exp` needs its result: the gradient of `self` is `grad * result`
5 | y += 1
  | ^^^^^^ overwritten here
6 | y.sum().backward()
  | ------------------ needed here: torch raises
help: write out of place, or clone before the write

1 file: 1 error, 0 warnings, 0 remarks, 0 hints
""",
    )


def test_json_has_every_place_from_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(HAZARD, encoding="utf-8")
    result = run("check", "train.py", "--output-format", "json")
    assert result.returncode == 1
    (entry,) = json.loads(result.stdout)
    places = {name: entry[name] for name in ("path", "line", "column", "end_line", "end_column", "code", "severity")}
    assert places == {
        "path": "train.py",
        "line": 5,
        "column": 1,
        "end_line": 5,
        "end_column": 7,
        "code": "GG101",
        "severity": "error",
    }
    assert set(entry) == {*places, "message", "related", "fixes"}
    assert [(each["path"], each["line"], each["column"]) for each in entry["related"]] == [
        ("train.py", 4, 5),
        ("train.py", 6, 1),
    ]
    assert [fix["preferred"] for fix in entry["fixes"]].count(True) == 1
    for fix in entry["fixes"]:
        assert set(fix) == {"title", "edits", "preferred"}
        for edit in fix["edits"]:
            assert set(edit) == {"path", "start_line", "start_column", "end_line", "end_column", "new_text"}


def test_json_is_an_array_also_when_there_is_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CLEAN, encoding="utf-8")
    result = run("check", "a.py", "--output-format", "json")
    assert (result.returncode, json.loads(result.stdout)) == (0, [])


def test_a_hint_is_one_line_and_no_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SAFE, encoding="utf-8")
    result = run("check", "a.py")
    assert result.returncode == 0
    assert result.stdout.startswith("a.py:5:1: hint[GG901]: ")
    assert "hint[" not in run("check", "a.py", "--no-hints").stdout


def test_github_annotations(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a,b.py").write_text(HAZARD, encoding="utf-8")
    result = run("check", "a,b.py", "--output-format", "github")
    assert result.returncode == 1
    assert result.stdout.startswith("::error file=a%2Cb.py,line=5,col=1,endLine=5,endColumn=7,title=GG101::`y` is")


def test_rules_can_be_chosen(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD, encoding="utf-8")
    assert run("check", "a.py", "--select", "GG2,GG3").returncode == 0
    assert run("check", "a.py", "--ignore", "GG1").returncode == 0
    assert run("check", "a.py", "--ignore", "GG1", "--select", "GG,GG101").returncode == 1


def test_a_wrong_setting_is_told_and_the_rest_still_counts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.gradguard]\nselct = ["GG2"]\n', encoding="utf-8")
    result = run("check", "a.py")
    assert result.returncode == 1
    assert "pyproject.toml:2:1: unknown setting `selct`" in result.stderr


def test_messages_in_chinese(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD, encoding="utf-8")
    by_option = run("check", "a.py", "--language", "zh-cn").stdout
    assert "在此处被改写" in by_option
    assert run("check", "a.py", LANG="zh_CN.UTF-8").stdout == by_option


def test_several_files_and_folders_in_order(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pkg" / "sub").mkdir(parents=True)
    for name in ("pkg/b.py", "pkg/a.py", "pkg/sub/c.py", "z.py"):
        (tmp_path / name).write_text(HAZARD, encoding="utf-8")
    result = run("check", "z.py", "pkg", "--output-format", "json")
    expected = ["z.py", *(os.path.join("pkg", *name.split("/")) for name in ("a.py", "b.py", "sub/c.py"))]
    assert [entry["path"] for entry in json.loads(result.stdout)] == expected
    absolute = run("check", str(tmp_path / "z.py"), "--output-format", "json")
    assert json.loads(absolute.stdout)[0]["path"] == str(tmp_path / "z.py")


def test_several_processes_say_the_same_as_one(run: Run, tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"m{number:02}.py").write_text(HAZARD if number % 3 else CLEAN, encoding="utf-8")
    alone, together = (run("check", ".", "--jobs", jobs) for jobs in ("1", "2"))
    assert alone.stdout == together.stdout
    assert alone.stdout.count("error[GG101]") == 40


def test_a_mistake_in_a_called_file_is_shown_there_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("def spoil(t):\n    t += 1\n    return t\n", encoding="utf-8")
    (tmp_path / "train.py").write_text(
        "import torch\nfrom model import spoil\n\nw = torch.ones(3, requires_grad=True)\nspoil(w.exp()).sum().backward()\n",
        encoding="utf-8",
    )
    for arguments in (["train.py"], ["."], ["model.py", "train.py"]):
        entries = json.loads(run("check", *arguments, "--output-format", "json").stdout)
        errors = [(each["path"], each["line"]) for each in entries if each["severity"] == "error"]
        assert errors == [("model.py", 2)]
    text = run("check", "train.py").stdout
    assert " --> model.py:2:5" in text
    assert " ::: train.py:" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "missing.py"], "missing.py: no such file or folder"),
        (["check", "empty"], "empty: no Python files in this folder"),
        (["check", "latin.py"], "latin.py: line 1 is not utf-8"),
        (["check"], "PATH"),
        (["check", "ok.py", "--jobs", "0"], "--jobs"),
        (["check", "ok.py", "--output-format", "xml"], "--output-format"),
        (["frobnicate"], "frobnicate"),
        ([], "COMMAND"),
        (["server", "--tcp", "nowhere"], "HOST:PORT"),
        (["server", "--tcp", "localhost:99999"], "is no port"),
        (["server", "--tcp", "localhost:1", "--stdio"], "not allowed"),
        (["explain", "GG999"], "is no rule"),
    ],
)
def test_what_cannot_be_done_is_said_and_is_status_2(
    run: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.py").write_bytes(b"x = '\xff'\n")
    (tmp_path / "ok.py").write_text(CLEAN, encoding="utf-8")
    result = run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable to this user")
def test_an_unreadable_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(CLEAN, encoding="utf-8")
    path.chmod(0)
    result = run("check", "a.py")
    assert (result.returncode, "a.py: Permission denied" in result.stderr) == (2, True)


def test_a_failure_does_not_hide_the_other_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD, encoding="utf-8")
    result = run("check", "a.py", "missing.py")
    assert result.returncode == 2
    assert "error[GG101]" in result.stdout


def test_every_in_place_write_can_be_listed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD + SAFE, encoding="utf-8")
    text = run("check", "a.py", "--list-writes")
    assert text.returncode == 0
    lines = text.stdout.splitlines()
    assert lines[0].startswith("a.py:5:1: hazard: ")
    assert lines[1].startswith("a.py:11:1: safe: ")
    assert lines[2] == "2 in-place writes in 1 file: 1 hazardous, 1 safe, 0 unknown"
    entries = json.loads(run("check", "a.py", "--list-writes", "--output-format", "json").stdout)
    assert [(each["line"], each["verdict"], each["target"]) for each in entries] == [
        (5, "hazard", "y"),
        (11, "safe", "y"),
    ]


def test_colours_only_where_they_are_wanted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD, encoding="utf-8")
    assert "\x1b[" not in run("check", "a.py").stdout
    assert "\x1b[1;31merror[GG101]\x1b[0m" in run("check", "a.py", FORCE_COLOR="1").stdout
    assert "\x1b[" not in run("check", "a.py", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_reader_that_stops_reading_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD * 300, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "gradguard", "check", "a.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=120)
    assert b"Traceback" not in errors


def test_starting_imports_nothing_heavy() -> None:
    heavy = {"libcst", "pygls", "lsprotocol", "pathspec", "torch", "numpy", "concurrent.futures"}
    code = (
        "import sys, gradguard.cli.main as m\ntry: m.main(['--version'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.startswith("gradguard 0.")
    assert not heavy & set(output.split())
