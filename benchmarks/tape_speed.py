"""What one operator and one node of a backward cost on the tape.

Run: `python benchmarks/tape_speed.py`. Processor time, the best of several rounds, without and with Python's garbage collector.
"""

from __future__ import annotations

import gc
import time

from gradguard.tape.tape import Tape
from gradguard.torchfacts.catalog import Catalog
from gradguard.torchfacts.geometry import Geometry

STEPS = 1000
ROUNDS = 7
_MATRIX = (Geometry((4, 4), (4, 1), 0, "float32"),)
_SCALAR = (Geometry((), (), 0, "float32"),)


def run(catalog: Catalog) -> tuple[float, float]:
    """Microseconds per operator and per executed node, of a chain of products, a result saver, a view and a write."""
    names = ("mul.Tensor", "exp", "add.Tensor", "add_.Tensor", "t", "sum")
    mul, exp, add, add_in_place, transposed, total = (catalog.operator(name) for name in names)
    assert mul and exp and add and add_in_place and transposed and total
    tape = Tape()
    weight = tape.tensor(0, geometry=_MATRIX[0], requires_grad=True)
    data = hidden = tape.tensor(0, geometry=_MATRIX[0])
    start = time.process_time()
    for step in range(STEPS):
        (hidden,) = tape.apply(mul, {"self": hidden, "other": weight}, step, results=_MATRIX)
        (hidden,) = tape.apply(exp, {"self": hidden}, step, results=_MATRIX)
        (hidden,) = tape.apply(add, {"self": hidden, "other": data}, step, results=_MATRIX)
        tape.apply(add_in_place, {"self": hidden, "other": 1.0}, step)
        (view,) = tape.apply(transposed, {"self": hidden}, step, results=_MATRIX)
        (hidden,) = tape.apply(add, {"self": hidden, "other": view}, step, results=_MATRIX)
    (loss,) = tape.apply(total, {"self": hidden}, STEPS, results=_SCALAR)
    middle = time.process_time()
    tape.backward(loss, STEPS)
    end = time.process_time()
    return (middle - start) / (6 * STEPS) * 1e6, (end - middle) / (6 * STEPS) * 1e6


def main() -> None:
    catalog = Catalog.load()
    for collecting in (False, True):
        gc.enable() if collecting else gc.disable()
        rounds = [run(catalog) for _ in range(ROUNDS)]
        operator, node = (min(column) for column in zip(*rounds, strict=True))
        print(
            f"garbage collector {'on' if collecting else 'off'}: {operator:.1f} µs per operator, {node:.1f} µs per node"
        )


if __name__ == "__main__":
    main()
