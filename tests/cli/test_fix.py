"""`gradguard check --fix`: what is written, and what is left alone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from gradguard.cli import fixing
from gradguard.cli.writing import FileText, write_together
from gradguard.fixes.fix import Fix
from gradguard.rules.finding import Finding
from tests.cli.conftest import Run
from tests.cli.test_check import CLEAN, HAZARD, SAFE


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_safe_fixes_are_applied_and_the_rest_of_the_file_stays(run: Run, tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(("# é\f\x1c\n" + HAZARD).replace("\n", end).encode())
    path.chmod(0o754)
    result = run("check", "a.py", "--fix")
    assert result.returncode == 0
    assert path.read_bytes() == ("# é\f\x1c\n" + CLEAN).replace("\n", end).encode()
    assert path.stat().st_mode & 0o777 == 0o754
    assert "applied 1 fix in 1 file" in result.stderr
    assert os.listdir(tmp_path) == ["a.py"]


def test_the_encoding_stays(run: Run, tmp_path: Path) -> None:
    head = "# coding: latin-1\n# é\n"
    (tmp_path / "a.py").write_bytes((head + HAZARD).encode("latin-1"))
    (tmp_path / "b.py").write_bytes(HAZARD.encode("utf-8-sig"))
    assert run("check", ".", "--fix").returncode == 0
    assert (tmp_path / "a.py").read_bytes() == (head + CLEAN).encode("latin-1")
    assert (tmp_path / "b.py").read_bytes() == CLEAN.encode("utf-8-sig")


def test_safe_writes_are_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SAFE, encoding="utf-8")
    result = run("check", "a.py", "--fix")
    assert (result.returncode, (tmp_path / "a.py").read_text(encoding="utf-8")) == (0, SAFE)


def test_no_machine_silences_a_finding(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD, encoding="utf-8")
    run("check", "a.py", "--fix", "--unsafe-fixes")
    assert "gradguard:" not in (tmp_path / "a.py").read_text(encoding="utf-8")


def test_a_diff_changes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HAZARD, encoding="utf-8")
    result = run("check", "a.py", "--diff")
    assert result.returncode == 1
    assert "--- a/a.py\n+++ b/a.py\n" in result.stdout
    assert "-y += 1\n+y = y + 1\n" in result.stdout
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == HAZARD
    (tmp_path / "a.py").write_text(CLEAN, encoding="utf-8")
    assert run("check", "a.py", "--diff").returncode == 0


def test_unused_suppressions_are_removed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1  # gradguard: ignore\n", encoding="utf-8")
    assert run("check", "a.py", "--fix").returncode == 0
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "x = 1\n"


def test_a_link_stays_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_text(HAZARD, encoding="utf-8")
    (tmp_path / "link.py").symlink_to(tmp_path / "real" / "a.py")
    run("check", "link.py", "--fix")
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real" / "a.py").read_text(encoding="utf-8") == CLEAN


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_text(HAZARD, encoding="utf-8")
    look_for = fixing.Workspace.fixes

    def slow(workspace: fixing.Workspace, finding: Finding) -> tuple[Fix, ...]:
        path.write_text("# mine\n", encoding="utf-8")
        return look_for(workspace, finding)

    monkeypatch.setattr(fixing.Workspace, "fixes", slow)
    problems, _ = fixing.fix_files([str(path)], (), {}, "en", unsafe=False, diff=False)
    assert "changed while it was being fixed" in problems[0]
    assert path.read_text(encoding="utf-8") == "# mine\n"
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_text(HAZARD, encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    problems, _ = fixing.fix_files([str(path)], (), {}, "en", unsafe=False, diff=False)
    assert "No space left" in problems[0]
    assert path.read_text(encoding="utf-8") == HAZARD
    assert os.listdir(tmp_path) == ["a.py"]


BLOCKS = "from torch import nn\n\n\ndef activation():\n    return nn.ReLU(inplace=True)  # saves memory\n"
TRAIN = (
    "import torch\nfrom blocks import activation\n\nw = torch.ones(3, requires_grad=True)\nact = activation()\n"
    "y = w.sigmoid()\nz = act(y)\nz.sum().backward()\n"
)


@pytest.fixture
def two_files(tmp_path: Path) -> tuple[Path, Path]:
    blocks, train = tmp_path / "blocks.py", tmp_path / "train.py"
    blocks.write_text(BLOCKS, encoding="utf-8")
    train.write_text(TRAIN, encoding="utf-8")
    return blocks, train


def test_a_fix_may_edit_another_of_the_files(run: Run, two_files: tuple[Path, Path]) -> None:
    blocks, train = two_files
    result = run("check", ".", "--fix")
    assert result.returncode == 0, result.stdout
    assert blocks.read_text(encoding="utf-8") == BLOCKS.replace("(inplace=True)", "()")
    assert train.read_text(encoding="utf-8") == TRAIN


def test_a_file_that_was_not_given_is_not_edited(run: Run, two_files: tuple[Path, Path]) -> None:
    blocks, train = two_files
    assert run("check", "train.py", "--fix").returncode == 1
    assert blocks.read_text(encoding="utf-8") == BLOCKS
    assert train.read_text(encoding="utf-8") == TRAIN


def test_the_edits_of_another_file_are_in_json_and_diff(run: Run, two_files: tuple[Path, Path]) -> None:
    (entry,) = json.loads(run("check", "train.py", "--output-format", "json").stdout)
    assert {edit["path"] for fix in entry["fixes"] for edit in fix["edits"]} == {"blocks.py", "train.py"}
    difference = run("check", ".", "--diff").stdout
    assert "--- a/blocks.py\n+++ b/blocks.py\n" in difference
    assert "train.py" not in difference


def test_a_read_only_file_is_not_replaced(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(HAZARD, encoding="utf-8")
    path.chmod(0o444)
    result = run("check", "a.py", "--fix")
    assert result.returncode == 2
    assert "read-only" in result.stderr
    assert path.read_text(encoding="utf-8") == HAZARD


def test_files_of_one_fix_are_written_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("a.py", "b.py")]
    for path in paths:
        path.write_text("old", encoding="utf-8")
    replace = os.replace

    def failing(source: str, target: str) -> None:
        if target.endswith("b.py"):
            raise OSError(5, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    files = [FileText(str(path), b"old", "utf-8", "old", "new") for path in paths]
    assert "Input/output error" in write_together(files)
    assert [path.read_text(encoding="utf-8") for path in paths] == ["old", "old"]
    assert sorted(os.listdir(tmp_path)) == ["a.py", "b.py"]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_diff_can_be_applied(run: Run, tmp_path: Path, end: str) -> None:
    text = HAZARD.rstrip("\n") + end
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    difference = run("check", "a.py", "--diff").stdout.partition("--- a/a.py")
    subprocess.run(["git", "apply", "-"], input="".join(difference[1:]), text=True, cwd=tmp_path, check=True)
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == CLEAN.rstrip("\n") + end


def test_a_notebook_is_not_taken_for_a_program(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": []}', encoding="utf-8")
    result = run("check", "a.ipynb", "--fix")
    assert result.returncode == 2
    assert "notebooks" in result.stderr
