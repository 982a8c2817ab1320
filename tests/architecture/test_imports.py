"""Who may import whom: each folder is a floor and sees only the floors below it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradguard

PACKAGE = Path(gradguard.__file__).parent
FLOORS = {
    "text": 1,
    "torchfacts": 1,
    "tape": 2,
    "interpreter": 3,
    "analysis": 4,
    "rules": 5,
    "fixes": 5,
    "explain": 5,
    "project": 6,
    "lsp": 7,
    "cli": 7,
}
# Beside each other on one floor, one may still know the public types of the other.
BESIDE = {("fixes", "rules"), ("explain", "rules"), ("explain", "fixes")}
# The command line starts the server, and knows nothing else of it.
STARTED = {"gradguard.lsp.start"}
ENTRANCES = {"__init__", "__main__"}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "prelude" not in path.relative_to(PACKAGE).parts)


def imported(path: Path, *, also_for_types: bool = True) -> Iterator[str]:
    """The modules that a file imports anywhere, by full name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set() if also_for_types else set(_guarded(tree))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def _guarded(tree: ast.Module) -> Iterator[ast.AST]:
    """What stands under `if TYPE_CHECKING:`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                yield from ast.walk(statement)


def floor_of(module: str) -> str:
    """The folder in which `gradguard.folder.module` stands."""
    return module.split(".")[1] if module.count(".") else ""


def test_every_folder_is_a_floor() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert folders - {"prelude"} <= set(FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ENTRANCES:
        return
    for module in imported(path):
        if module.split(".")[0] != "gradguard" or module in STARTED:
            continue
        other = floor_of(module)
        assert not other or other == own or FLOORS[other] < FLOORS[own] or (own, other) in BESIDE, (
            f"{own} imports {module}"
        )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_are_used_where_they_belong(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0]
    homes = {
        "pygls": {"lsp"},
        "lsprotocol": {"lsp"},
        "libcst": {"fixes"},
        "pathspec": {"project"},
        "torch": set(),
        "numpy": set(),
    }
    for module in imported(path):
        top = module.split(".")[0]
        assert top not in homes or own in homes[top], f"{own} imports {module}"


def test_the_tape_knows_no_syntax() -> None:
    for path in (PACKAGE / "tape").rglob("*.py"):
        assert "ast" not in set(imported(path)), path


def test_only_the_command_line_prints() -> None:
    for path in MODULES:
        if path.relative_to(PACKAGE).parts[0] == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert called not in ("print", "sys.stdout.write", "traceback.print_exc", "pprint.pprint", "breakpoint"), (
                f"{path}:{getattr(node, 'lineno', 0)} calls {called}"
            )


def test_user_code_is_never_run() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called == "compile" and path.name == "generated_code.py":
                continue  # what attrs has written
            assert called not in ("exec", "eval", "compile", "__import__", "runpy.run_path", "os.system"), (
                f"{path}:{getattr(node, 'lineno', 0)} calls {called}"
            )


def test_an_analysis_runs_without_torch() -> None:
    program = """
import sys
from importlib.abc import MetaPathFinder

class Refuse(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] in ("torch", "numpy"):
            raise AssertionError(name)

sys.meta_path.insert(0, Refuse())
from gradguard.project.workspace import Workspace
workspace = Workspace()
workspace.open("a", "import torch\\nw = torch.ones(3, requires_grad=True)\\ny = w.exp()\\ny += 1\\ny.sum().backward()\\n")
(finding,) = workspace.report("a").findings
workspace.fixes(finding)
print(finding.code)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("GG101\n", "")
