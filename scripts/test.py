"""Sets everything up and runs all tests, those in real editors included: `python3 scripts/test.py`.

Needs Python 3.10 and Node 20, nothing else. An editor that cannot be installed is named, and its tests are skipped; with CI
set in the environment they fail. All parts run even if one fails; the exit status is 1 then.
"""

import subprocess
import sys

from environment import PYTHON, ROOT, announce, environment, make_venv, require_versions, run

# In this order: what is quick comes first, and pytest last, as it needs the package and ends with the tally of all tests.
PARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "format": ((str(PYTHON), "-m", "ruff", "format", "--check", "."),),
    "lint": ((str(PYTHON), "-m", "ruff", "check", "."),),
    "types": ((str(PYTHON), "-m", "mypy"),),
    "client": (
        ("npm", "ci", "--ignore-scripts", "--loglevel=error"),
        ("npm", "run", "--silent", "check"),
        ("npm", "test", "--silent"),
    ),
    "package": (("npm", "run", "--silent", "package"),),
}


def main() -> int:
    """0 if everything passed."""
    require_versions()
    make_venv(".[dev]")
    announce("installing the editors beside the other parts")
    editors = subprocess.Popen(
        [str(PYTHON), "-m", "tests.editors.install"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    failed = [name for name, commands in PARTS.items() if any(run(*command) for command in commands)]
    announce("waiting for the editors")
    said, _ = editors.communicate()
    print(said or "all editors are there")
    if run(str(PYTHON), "-m", "pytest", *sys.argv[1:]):
        failed.append("pytest")
    if editors.returncode:
        print("\nSOME EDITORS COULD NOT BE INSTALLED; their tests did not run. See above for the reasons.")
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nall parts passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
