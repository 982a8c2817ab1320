"""How long the facts take to load, how much memory they need, and what one binding costs.

Run: `python benchmarks/facts_load.py`. Times are the best of several fresh processes; memory is what Python allocates.
"""

from __future__ import annotations

import subprocess
import sys
import timeit
import tracemalloc

LOADED = """
import time
from gradguard.torchfacts.catalog import Catalog
start = time.perf_counter()
catalog = Catalog.load()
print((time.perf_counter() - start) * 1000)
"""
ROUNDS = 7
CALLS = 100_000


def load_milliseconds() -> float:
    """Reading the facts in a fresh process, without Python's own start."""
    runs = [
        subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
        for _ in range(ROUNDS)
    ]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    from gradguard.torchfacts.binding import bind
    from gradguard.torchfacts.catalog import Catalog

    tracemalloc.start()
    catalog = Catalog.load()
    loaded, _ = tracemalloc.get_traced_memory()
    for name in catalog.public_names():
        catalog.candidates(name)
    decoded, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    candidates = catalog.candidates("Tensor.__mul__")
    seconds = timeit.timeit(lambda: bind(candidates, (1, 2), {}, lambda _: "tensor"), number=CALLS)
    print(f"facts {catalog.version}: {len(catalog.operator_names())} operators, {len(catalog.public_names())} names")
    print(
        f"load: {load_milliseconds():.1f} ms, {loaded / 2**20:.1f} MiB (every operator decoded: {decoded / 2**20:.1f} MiB)"
    )
    print(f"bind: {seconds / CALLS * 1e6:.1f} µs")


if __name__ == "__main__":
    main()
