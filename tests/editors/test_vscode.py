"""The built extension in a real VS Code: what the user sees, and what the extension host's API says."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.editors import installation, programs

SCRIPTS = Path(__file__).resolve().parent / "vscode"
SECONDS = 420


def drive(script: str, vscode: installation.VSCode, vsix: Path, results: Path, *arguments: str) -> None:
    """Run one of the scripts; what it prints is the failure's text."""
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
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=installation.ROOT)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("locale", ["en", "zh-cn"])
def test_what_the_user_sees(locale: str, vscode: installation.VSCode, vsix: Path, results: Path) -> None:
    drive("workbench.mjs", vscode, vsix, results, *([] if locale == "en" else ["--locale", locale]))


def test_the_extension_host(vscode: installation.VSCode, vsix: Path, results: Path) -> None:
    drive("host.mjs", vscode, vsix, results)
