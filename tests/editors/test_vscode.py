"""The built extension in a real VS Code: what the user sees, and what the extension host's API says."""

from pathlib import Path

import pytest
from tests.editors import installation
from tests.editors.driver import drive


@pytest.mark.parametrize("locale", ["en", "zh-cn"])
def test_what_the_user_sees(locale: str, vscode: installation.VSCode, vsix: Path, results: Path) -> None:
    drive("workbench.mjs", vscode, vsix, results, *([] if locale == "en" else ["--locale", locale]))


def test_the_extension_host(vscode: installation.VSCode, vsix: Path, results: Path) -> None:
    drive("host.mjs", vscode, vsix, results)
