"""Fills bundled/libs with the server and every library it needs, so that the extension runs without any pip by its user.

Pure-Python libraries are taken once. libcst has a compiled part: its wheels for each supported Python are laid over each
other, which is sound because they hold the same Python files, and the compiled files are told apart by their names
(`native.cpython-312-….so`). The bundle serves the platform on which it is made.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBS = ROOT / "bundled" / "libs"
REQUIREMENTS = ROOT / "scripts" / "bundled_requirements.txt"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
COMPILED = "libcst"

# Not needed at run time: programs, tests, and type stubs of packages that have nothing to do with torch.
LEFT_OUT = (
    "bin",
    "**/__pycache__",
    "libcst/tests",
    "libcst/**/tests",
    "libcst/codemod",
)


def requirements() -> list[str]:
    """The pinned requirements, comments left out."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def install(*arguments: str) -> None:
    """Lay packages into the folder of libraries, over what lies there; no dependencies but those named."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*command, "--no-deps", "--upgrade", "--target", str(LIBS), *arguments], check=True)


def overlay(requirement: str, python: str) -> None:
    """Lay the wheel of `requirement` for one Python version over the libraries."""
    apart = LIBS.with_name(f"libs-{python}")
    shutil.rmtree(apart, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    target = ["--only-binary=:all:", "--implementation", "cp", "--python-version", python, "--target", str(apart)]
    subprocess.run([*command, "--no-deps", *target, requirement], check=True)
    shutil.copytree(apart, LIBS, dirs_exist_ok=True)
    shutil.rmtree(apart)


def main() -> None:
    """Make the folder anew."""
    shutil.rmtree(LIBS, ignore_errors=True)
    pure = [line for line in requirements() if not line.startswith(COMPILED)]
    install("--only-binary=:all:", "--implementation", "py", "--abi", "none", "--platform", "any", *pure)
    for requirement in requirements():
        if requirement.startswith(COMPILED):
            for python in PYTHONS:
                overlay(requirement, python)
    install(str(ROOT))
    for pattern in LEFT_OUT:
        for path in LIBS.glob(pattern):
            shutil.rmtree(path)


if __name__ == "__main__":
    main()
