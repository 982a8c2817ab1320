"""`python -m tests.incremental --sequences N --seed S`: ends with `sequences=N differences=D`; status 1 if D is not 0."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff

from tests.incremental.sequences import Difference, run_sequence


def main() -> int:
    """Run the sequences in several processes and show the first differences."""
    parser = argparse.ArgumentParser(prog="python -m tests.incremental", description=__doc__)
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    seeds = [f"{options.seed}:{number}" for number in range(options.sequences)]
    differences = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for difference in pool.map(run_sequence, seeds, chunksize=16):
            if difference is not None:
                differences += 1
                if differences <= 5:
                    show(difference)
    print(f"sequences={len(seeds)} differences={differences}")
    return int(differences > 0)


def show(difference: Difference) -> None:
    """What is needed to see a difference again."""
    print(f"seed {difference.seed}, after {difference.edits} edits, {difference.path}:")
    print(difference.text)
    edited, fresh = (text.splitlines(keepends=True) for text in (difference.edited, difference.fresh))
    sys.stdout.writelines(unified_diff(edited, fresh, "after the edits", "from scratch"))


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main())
