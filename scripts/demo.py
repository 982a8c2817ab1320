"""Sets everything up and shows gradguard at work: `python3 scripts/demo.py`.

Needs Python 3.10 and Node 20, nothing else. Checks the examples with the command line, builds the extension and says how
to open it.
"""

import sys

from environment import BIN, ROOT, announce, make_venv, require_versions, run


def main() -> int:
    """0 when the examples were checked and the extension was built."""
    require_versions()
    make_venv(".")
    if run("npm", "ci", "--ignore-scripts", "--loglevel=error") or run("npm", "run", "--silent", "package"):
        return 1
    # Status 1 says that there are findings, which is what the examples are for.
    status = run(str(BIN / "gradguard"), "check", "examples")
    if status not in (0, 1):
        return status
    vsix = ROOT / "dist" / "gradguard.vsix"
    announce("done")
    print("gradguard has found the mistakes in examples/ (above). The same on your own code:\n")
    print(f"    {BIN / 'gradguard'} check PATH\n")
    print("In VS Code, with the extension that was just built:\n")
    print(f"    code --install-extension {vsix}")
    print(f"    code {ROOT / 'examples'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
