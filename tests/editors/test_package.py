"""What the extension's package holds: all that it needs to run, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from tests.editors import installation

ROOT = installation.ROOT
SUPPORTED = ("3.10", "3.11", "3.12", "3.13", "3.14")

OF_OURS = {
    "CHANGELOG.md",
    "LICENSE.txt",
    "bundled/start.py",
    "dist/extension.js",
    "docs/images/icon.png",
    "l10n/bundle.l10n.zh-cn.json",
    "package.json",
    "package.nls.json",
    "package.nls.zh-cn.json",
    "readme.md",
}


@pytest.fixture(scope="module")
def members(vsix: Path) -> set[str]:
    with zipfile.ZipFile(vsix) as package:
        return {name.removeprefix("extension/") for name in package.namelist() if name.startswith("extension/")}


@pytest.fixture(scope="module")
def unpacked(vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vsix")
    with zipfile.ZipFile(vsix) as package:
        package.extractall(folder)
    return folder / "extension"


def test_outside_the_libraries_only_what_is_named_here(members: set[str]) -> None:
    ours = {name for name in members if not name.startswith("bundled/libs/")}
    assert {name.lower() for name in ours} == {name.lower() for name in OF_OURS}


def test_the_libraries_are_those_of_the_list_and_the_server(members: set[str]) -> None:
    listed = (ROOT / "scripts" / "bundled_requirements.txt").read_text(encoding="utf-8")
    names = {line.replace("==", "-") for line in listed.splitlines() if line and not line.startswith("#")}
    version = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["version"]
    found = {match[1] for match in (re.match(r"bundled/libs/([^/]+)\.dist-info/", name) for name in members) if match}
    assert found == names | {f"gradguard-{version}"}


def test_every_module_of_the_server_is_there(members: set[str]) -> None:
    server = ROOT / "server"
    files = {path.relative_to(server).as_posix() for path in server.glob("gradguard/**/*") if path.is_file()}
    wanted = {f"bundled/libs/{name}" for name in files if "__pycache__" not in name}
    assert wanted <= members


def test_the_compiled_part_is_there_for_every_supported_python(members: set[str]) -> None:
    compiled = {name for name in members if PurePosixPath(name).match("libcst/native.*")}
    tags = {match[1] for match in (re.search(r"native\.(?:cpython-|cp)(3\d+)", name) for name in compiled) if match}
    assert tags == {version.replace(".", "") for version in SUPPORTED}


def test_no_caches_no_tests_no_torch(members: set[str]) -> None:
    assert [name for name in members if "__pycache__" in name or name.endswith((".pyc", ".map"))] == []
    assert [name for name in members if name.startswith(("bundled/libs/torch/", "bundled/libs/libcst/tests/"))] == []


@pytest.mark.parametrize("strategy", ["useBundled", "fromEnvironment"])
def test_it_runs_without_any_installed_library(strategy: str, unpacked: Path, tmp_path: Path) -> None:
    """Every Python at hand finds a mistake with the libraries of the package alone (`-S`: no site-packages)."""
    mistake = tmp_path / "mistake.py"
    mistake.write_text(
        "import torch\nx = torch.ones(3, requires_grad=True)\ny = x.exp()\ny += 1\ny.sum().backward()\n",
        encoding="utf-8",
    )
    start = [str(unpacked / "bundled" / "start.py"), "--import-strategy", strategy]
    for python in supported_pythons():
        command = [python, "-I", "-S", *start, "check", "--output-format", "json", str(mistake)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
        assert done.returncode == 1, f"{python}: {done.stdout}{done.stderr}"
        assert [finding["code"] for finding in json.loads(done.stdout)] == ["GG101"]


def test_a_python_that_is_too_old_is_refused_in_words() -> None:
    start = (ROOT / "bundled" / "start.py").read_text(encoding="utf-8")
    program = f"import sys; sys.version_info = (3, 9, 1); exec(compile({start!r}, 'start.py', 'exec'))"
    done = subprocess.run(
        [sys.executable, "-c", program.replace("exec(compile", "__file__ = 'start.py'; exec(compile")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "gradguard needs Python 3.10 or newer, this is 3.9" in done.stderr


def supported_pythons() -> list[str]:
    """This Python, and the other supported ones that are on PATH and run."""
    found = {sys.executable}
    for version in SUPPORTED:
        path = shutil.which(f"python{version}")
        if path and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            found.add(path)
    return sorted(found)
