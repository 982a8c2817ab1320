"""Starts the gradguard that the VS Code extension carries, or the one that is installed for this Python.

Run as `python -I start.py --import-strategy useBundled|fromEnvironment ARGUMENTS OF gradguard`. Nothing but the standard
library is imported before it is settled where gradguard comes from, and the two places are never mixed: a package of the
user's environment that is too old for ours, or ours for theirs, would stop the server at start.

The libraries in `libs` serve every supported Python: all are pure but libcst, whose compiled part is there once for each
version, told apart by its file name.
"""

import sys
from pathlib import Path

MINIMUM = (3, 10)
LIBS = Path(__file__).resolve().parent / "libs"


def installed() -> bool:
    """Whether gradguard is installed for this Python (isolated mode keeps the current folder and PYTHONPATH out)."""
    from importlib.util import find_spec

    return find_spec("gradguard") is not None


def main() -> None:
    """Hand over to gradguard's command line; ends the process with its status."""
    if sys.version_info < MINIMUM:
        sys.exit("gradguard needs Python {}.{} or newer, this is {}.{}".format(*MINIMUM, *sys.version_info))
    strategy = None
    if sys.argv[1:2] == ["--import-strategy"]:
        strategy = sys.argv[2]
        del sys.argv[1:3]
    if strategy != "fromEnvironment" or not installed():
        sys.path.insert(0, str(LIBS))

    from gradguard.cli.main import main as command_line

    sys.exit(command_line())


if __name__ == "__main__":
    main()
