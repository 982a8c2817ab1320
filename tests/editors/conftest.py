"""The editors as fixtures. One that is missing is a skip with a reason, and a failure under CI."""

import os
from pathlib import Path
from typing import TypeVar

import pytest
from tests.editors import installation

Editor = TypeVar("Editor")
RESULTS = installation.ROOT / "test-results"


def required(editor: Editor | None, what: str, command: str) -> Editor:
    """`editor` if it is there; else the test is skipped, or fails where nobody would see a skip."""
    if editor is not None:
        return editor
    message = f"{what} is not there; to have it: {command}"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def vsix() -> Path:
    """The extension's package."""
    path = installation.ROOT / "dist" / "gradguard.vsix"
    return required(path if path.is_file() else None, "dist/gradguard.vsix", "npm ci && npm run package")


@pytest.fixture(scope="session")
def vscode() -> installation.VSCode:
    return required(installation.vscode(), "VS Code in Chromium", "python -m tests.editors.install")


@pytest.fixture(scope="session")
def neovim() -> Path:
    return required(installation.neovim(), "Neovim", "python -m tests.editors.install")


@pytest.fixture(scope="session")
def emacs() -> Path:
    return required(installation.emacs(), "Emacs", "python -m tests.editors.install")


@pytest.fixture
def results(request: pytest.FixtureRequest) -> Path:
    """A folder for what a failing run leaves to look at."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    path = RESULTS / name
    path.mkdir(parents=True, exist_ok=True)
    return path
