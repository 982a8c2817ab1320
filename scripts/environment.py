"""What the project's commands share: the virtual environment in `.venv`, and how a command is run and announced."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


def require_versions() -> None:
    """End the program with a clear message if this Python is too old, or node is missing."""
    if sys.version_info < (3, 10):  # noqa: UP036 - the one place that meets an older Python
        sys.exit("Python 3.10 or newer is needed; this is {}.{}.".format(*sys.version_info))
    try:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        sys.exit("Node 20 or newer is needed (https://nodejs.org); there is no `node` on PATH.")
    if int(version.lstrip("v").split(".")[0]) < 20:
        sys.exit(f"Node 20 or newer is needed; this is {version}.")


def make_venv(requirement: str) -> None:
    """Make `.venv`, if it is not there, and install `requirement` (`.` or `.[dev]`, editable) into it."""
    if not PYTHON.is_file():
        announce("making .venv")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    announce(f"installing {requirement}")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--editable", requirement], cwd=ROOT, stdin=subprocess.DEVNULL).returncode:
        sys.exit(f"{requirement} could not be installed; see above.")


def environment() -> dict[str, str]:
    """The environment of every command: the programs of `.venv` first, and its Python for `npm run package`."""
    path = os.pathsep.join((str(BIN), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path, "PYTHON": str(PYTHON), "VIRTUAL_ENV": str(VENV)}


def run(*command: str) -> int:
    """Run `command` in the repository with its output shown; its exit status."""
    announce(" ".join(command))
    program = [npm(), *command[1:]] if command[0] == "npm" else list(command)
    return subprocess.run(program, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL).returncode


def npm() -> str:
    """npm's program, which is a script with an ending on Windows."""
    return "npm.cmd" if os.name == "nt" else "npm"


def announce(text: str) -> None:
    """One line that stands out from the output of the commands."""
    print(f"\n=== {time.strftime('%H:%M:%S')} {text}", flush=True)
