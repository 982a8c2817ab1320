"""The torch that is installed is found without running anything."""

from __future__ import annotations

from pathlib import Path

from gradguard.project.environment import site_packages
from gradguard.project.workspace import Workspace


def install(prefix: Path, version: str, folder: str = "lib/python3.11/site-packages") -> Path:
    (prefix / folder / f"torch-{version}.dist-info").mkdir(parents=True)
    return prefix / folder


def test_the_chosen_interpreter_goes_before_the_workspace_and_that_before_the_active_one(tmp_path: Path) -> None:
    chosen = install(tmp_path / "chosen", "2.9.0")
    local = install(tmp_path / "work" / ".venv", "2.10.0", "Lib/site-packages")
    active = install(tmp_path / "active", "2.11.0")
    found = site_packages(
        str(tmp_path / "chosen" / "bin" / "python"), [str(tmp_path / "work")], {"VIRTUAL_ENV": str(tmp_path / "active")}
    )
    assert list(found) == [chosen, local, active]


def test_a_configured_version_goes_before_an_installed_one(tmp_path: Path) -> None:
    install(tmp_path / ".venv", "2.12.1+cpu")
    workspace = Workspace((str(tmp_path),))
    path = str(tmp_path / "a.py")
    assert workspace.torch_version(path) == "2.12.1"
    workspace.set_settings({"torch-version": "2.13"})
    assert workspace.torch_version(path) == "2.13"
    install(tmp_path / "other", "2.5.0")
    workspace.set_settings({"interpreter": [str(tmp_path / "other" / "bin" / "python")]})
    assert workspace.torch_version(path) == "2.5.0"
