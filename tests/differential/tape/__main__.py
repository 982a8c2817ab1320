"""Compares the tape with torch on random programs of tensor calls.

usage: python -m tests.differential.tape --count N --seed S

Prints each program on which the two differ (the first few), then one line: `count=N operators=M disagreements=D`.
"""

from __future__ import annotations

import argparse
import collections
import sys

from tests.differential.tape.program import Program


def compare(count: int, seed: int, shown: int = 3) -> tuple[int, set[str], collections.Counter[str]]:
    """Run `count` programs; returns the number of disagreements, the operators used and the outcomes of the calls."""
    disagreements, operators, kinds = 0, set[str](), collections.Counter[str]()
    for index in range(count):
        program = Program(seed * 1_000_003 + index)
        program.run()
        operators |= program.operators
        kinds.update(program.kinds)
        if program.disagreement is not None:
            disagreements += 1
            if disagreements <= shown:
                print(f"--- program {index}\n{program}\n")
    return disagreements, operators, kinds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    disagreements, operators, kinds = compare(options.count, options.seed)
    print("outcomes: " + ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())))
    print(f"count={options.count} operators={len(operators)} disagreements={disagreements}")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
