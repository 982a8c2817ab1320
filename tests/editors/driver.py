"""Runs the scripts that drive VS Code."""

import subprocess
import sys
from pathlib import Path

from tests.editors import installation, programs

SCRIPTS = Path(__file__).resolve().parent / "vscode"
SECONDS = 420


def drive(script: str, vscode: installation.VSCode, vsix: Path, results: Path, *arguments: str) -> None:
    """Run `script` to its end; what it prints is the text of the failure. `results` takes what it leaves behind."""
    command = [
        str(vscode.node),
        str(SCRIPTS / script),
        *("--entry", str(vscode.entry)),
        *("--node", str(vscode.node)),
        *("--chromium", str(vscode.chromium)),
        *("--vsix", str(vsix)),
        *("--python", sys.executable),
        *("--results", str(results)),
        *("--program", programs.as_json(programs.SAVED)),
        *arguments,
    ]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=installation.ROOT,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
