"""Folders are walked as a person would read them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradguard.project.configuration import Configuration
from gradguard.project.discovery import python_files


def lay(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(root: Path, configuration: Configuration | None = None) -> list[str]:
    settings = configuration or Configuration(root=str(root))
    return [os.path.relpath(path, root).replace(os.sep, "/") for path in python_files(str(root), lambda _: settings)]


def test_python_files_in_order_without_the_usual_litter(tmp_path: Path) -> None:
    lay(
        tmp_path,
        dict.fromkeys(["b.py", "a/z.py", "a.py", "node_modules/x.py", ".venv/y.py", "n.txt", "__pycache__/c.py"], ""),
    )
    assert found(tmp_path) == ["a.py", "b.py", "a/z.py"]


def test_gitignore_files_count_where_they_lie(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            ".gitignore": "gen/\n*_pb2.py\n/only_top.py\n",
            "gen/a.py": "",
            "x_pb2.py": "",
            "only_top.py": "",
            "sub/only_top.py": "",
            "sub/.gitignore": "!x_pb2.py\nsecret.py\n",
            "sub/x_pb2.py": "",
            "sub/secret.py": "",
            "secret.py": "",
        },
    )
    assert found(tmp_path) == ["secret.py", "sub/only_top.py", "sub/x_pb2.py"]


def test_a_repositorys_rules_reach_its_folders(tmp_path: Path) -> None:
    lay(tmp_path, {".gitignore": "sub/a.py\n", "sub/a.py": "", "sub/b.py": ""})
    assert found(tmp_path / "sub") == ["a.py", "b.py"]
    (tmp_path / ".git").mkdir()
    assert found(tmp_path / "sub") == ["b.py"]


def test_excluded_patterns(tmp_path: Path) -> None:
    lay(tmp_path, dict.fromkeys(["a.py", "old/b.py", "sub/old_c.py"], ""))
    assert found(tmp_path, Configuration(root=str(tmp_path), exclude=("old/", "old_*"))) == ["a.py"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    lay(tmp_path, {"a/b.py": ""})
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert found(tmp_path) == ["a/b.py"]


def test_a_gitignore_that_cannot_be_understood_does_not_stop_the_walk(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe!\n!\n/**/\nb.py\n")
    lay(tmp_path, dict.fromkeys(["a.py", "b.py"], ""))
    assert found(tmp_path) == ["a.py"]
