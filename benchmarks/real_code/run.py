"""`python benchmarks/real_code/run.py`: analyse libraries that are known to train, and judge what is reported."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "server"))

from benchmarks.real_code.packages import default_cache, packages
from benchmarks.real_code.reading import Reading, read

if TYPE_CHECKING:
    from benchmarks.real_code.reading import Reported

JUDGEMENTS = Path(__file__).with_name("judgements.toml")


def main() -> int:
    """Run, print the figures; 1 if there is anything unjudged, crashed or timed out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these packages")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where the wheels are kept and unpacked")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds of processor time for one file")
    parser.add_argument("--every", type=int, default=1, help="only every so many files, for a quick look")
    parser.add_argument("--list", action="store_true", help="print every finding")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    judgements = tomllib.loads(JUDGEMENTS.read_text()) if JUDGEMENTS.exists() else {}
    totals = Totals()
    for package in packages(options.names):
        known = judgements.get(package.name, {})
        root = package.unpacked(options.cache)
        before = totals.lines, totals.seconds
        for reading in read(root, list(package.files(options.cache))[:: options.every], options.limit):
            name = reading.path.relative_to(root).as_posix()
            totals.add(reading)
            if reading.failure:
                print(f"{name}: {reading.failure}")
            for finding in reading.findings:
                judged = _judgement(known, name, finding)
                totals.judge(judged)
                if options.list or judged == "unjudged":
                    print(f"{judged}: {name}:{finding.line}: {finding.severity}[{finding.code}] {finding.message}")
                    print(f"    {finding.text}", flush=True)
        lines, seconds = totals.lines - before[0], totals.seconds - before[1]
        print(f"{package.name}: {lines} lines, {lines / max(seconds, 1e-9):.0f} lines/s", flush=True)
    print(totals)
    return 1 if totals.unjudged or totals.crashes or totals.timeouts else 0


class Totals:
    """The figures over all files."""

    def __init__(self) -> None:
        self.lines = self.crashes = self.timeouts = self.true = self.false = self.unjudged = 0
        self.seconds = 0.0

    def add(self, reading: Reading) -> None:
        self.lines += reading.lines
        self.seconds += reading.seconds
        self.timeouts += reading.failure == "timeout"
        self.crashes += bool(reading.failure) and reading.failure != "timeout"

    def judge(self, judged: str) -> None:
        self.true += judged == "true"
        self.false += judged == "false"
        self.unjudged += judged == "unjudged"

    def __str__(self) -> str:
        rate = 100_000 * self.false / max(self.lines, 1)
        return (
            f"lines={self.lines} lines_per_second={self.lines / max(self.seconds, 1e-9):.0f} crashes={self.crashes} "
            f"timeouts={self.timeouts} true={self.true} false={self.false} unjudged={self.unjudged} "
            f"false_per_100000_lines={rate:.2f}"
        )


def _judgement(known: dict[str, list[dict[str, str]]], name: str, finding: Reported) -> str:
    """`true`, `false` or `unjudged`. A judgement names the text of the line, so that it survives a new release."""
    for entry in known.get(name, []):
        if entry["code"] == finding.code and entry["text"] == finding.text:
            return entry["verdict"]
    return "unjudged"


if __name__ == "__main__":
    sys.exit(main())
