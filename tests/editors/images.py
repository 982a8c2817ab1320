"""Makes the README's pictures anew, from the built extension in a real VS Code: `python -m tests.editors.images`."""

import sys
import tempfile
from pathlib import Path

from tests.editors import installation
from tests.editors.driver import drive


def main() -> None:
    """Leaves the pictures in docs/images; needs dist/gradguard.vsix and the editors of the tests."""
    vscode = installation.vscode()
    if vscode is None:
        sys.exit("VS Code in Chromium is not there; to have it: python -m tests.editors.install")
    vsix = installation.ROOT / "dist" / "gradguard.vsix"
    with tempfile.TemporaryDirectory() as results:
        drive("workbench.mjs", vscode, vsix, Path(results), "--images", str(installation.ROOT / "docs" / "images"))


if __name__ == "__main__":
    main()
