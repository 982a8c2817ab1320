"""Installed packages are followed into their source where the configuration names them; nothing of them is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradguard.project.environment import site_packages
from gradguard.project.packages import installed_source, search_path
from gradguard.project.workspace import Workspace

GROW = "def grow(y):\n    y += 1\n    return y\n"
TRAIN = """\
import torch
from layers.growth import grow

w = torch.ones(3, requires_grad=True)
y = w.exp()
grow(y)
y.sum().backward()
"""


def environment(root: Path) -> Path:
    """The folder for installed packages of an environment in `root`."""
    folder = root / ".venv" / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def package(folder: Path, growth: str = GROW) -> None:
    """A package that shows if it is ever imported."""
    (folder / "layers").mkdir(parents=True)
    (folder / "layers" / "__init__.py").write_text("raise SystemExit('was run')\n")
    (folder / "layers" / "growth.py").write_text(growth)


def lines_found(workspace: Workspace, path: Path) -> list[tuple[str, int]]:
    """File names and 0-based lines of what running the file at `path` brings up."""
    report = workspace.report(str(path))
    assert report is not None
    return [(Path(each.place.path).name, each.place.range.start_line) for each in (*report.findings, *report.elsewhere)]


def test_a_package_is_followed_if_it_is_named(tmp_path: Path) -> None:
    package(environment(tmp_path))
    train = tmp_path / "train.py"
    train.write_text(TRAIN)
    workspace = Workspace((str(tmp_path),))
    assert lines_found(workspace, train) == []
    workspace.set_settings({"follow": ["layers"]})
    assert lines_found(workspace, train) == [("growth.py", 1)]
    workspace.set_settings({"follow": ["layer"]})
    assert lines_found(workspace, train) == []
    assert "layers" not in sys.modules


def test_the_workspace_goes_before_what_is_installed(tmp_path: Path) -> None:
    package(environment(tmp_path))
    package(tmp_path, "def grow(y):\n    return y + 1\n")
    train = tmp_path / "train.py"
    train.write_text(TRAIN)
    workspace = Workspace((str(tmp_path),))
    workspace.set_settings({"follow": ["layers"]})
    assert lines_found(workspace, train) == []


def test_an_editable_install_is_found_by_its_pth_file(tmp_path: Path) -> None:
    folder = environment(tmp_path)
    package(tmp_path / "elsewhere" / "src")
    (folder / "layers.pth").write_text(
        f"import nothing\n# a comment\n{tmp_path / 'elsewhere' / 'src'}\nno/such/folder\n"
    )
    train = tmp_path / "train.py"
    train.write_text(TRAIN)
    workspace = Workspace((str(tmp_path),))
    workspace.set_settings({"follow": ["layers"]})
    assert lines_found(workspace, train) == [("growth.py", 1)]


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("plain", "plain.py"),
        ("whole", "whole/__init__.py"),
        ("whole.part", "whole/part.py"),
        ("whole.part.more", None),
        ("names.part", "names/part.py"),
        ("names", None),
        ("native", None),
        ("nothing", None),
    ],
)
def test_only_plain_source_is_found(tmp_path: Path, module: str, expected: str | None) -> None:
    for name in ("plain.py", "whole/__init__.py", "whole/part.py", "names/part.py", "native.so"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise SystemExit('was run')\n")
    found = installed_source(module, [str(tmp_path / "missing"), str(tmp_path)])
    assert found == (None if expected is None else str(tmp_path / expected))


def test_an_unreadable_pth_file_is_passed_over(tmp_path: Path) -> None:
    folder = environment(tmp_path)
    (folder / "bad.pth").write_bytes(b"\xff\xfe")
    assert list(search_path(site_packages(None, [str(tmp_path)], {}))) == [str(folder)]
