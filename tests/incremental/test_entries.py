"""What may be worth running, worked out again after edits, is what it would be from scratch."""

from __future__ import annotations

import random

import pytest

from gradguard.analysis.entries import Entries
from gradguard.interpreter.budget import Interrupted
from gradguard.interpreter.scopes import index_of
from gradguard.text.source import SourceFile

NAMES = ("f", "g", "h", "C", "D", "E")


def statement(choose: random.Random) -> str:
    """A function, class or plain statement that may write, and may mention others."""
    name, other, third = (choose.choice(NAMES) for _ in range(3))
    body = choose.choice(["x += 1", "pass", f"{other}(x)", f"return {other}", f"{other}.run(x)", "self.layer(x)"])
    made = choose.choice([f"{other}()", "nn.ReLU(inplace=True)", "nn.ReLU()", f"{third}"])
    return choose.choice(
        [
            f"def {name}(x):\n    {body}\n",
            (
                f"class {name}({choose.choice(['nn.Module', other])}):\n"
                f"    def __init__(self):\n        self.layer = {made}\n"
                f"    def forward(self, x):\n        {body}\n    def run(self, x):\n        self.forward(x)\n        {third}(x)\n"
            ),
            f"{name} = {made}\n",
            f"{name}({other})\n",
            "import torch\n",
        ]
    )


def found(entries: Entries) -> list[tuple[str, int]]:
    """Names with the lines on which they are defined, in the order in which they would be run."""
    return [(each.name, each.chunk.start_line if each.chunk is not None else -1) for each in entries.order]


@pytest.mark.parametrize("seed", range(60))
def test_entries_after_edits_are_those_from_scratch(seed: int) -> None:
    choose = random.Random(seed)
    statements = ["import torch\n", *(statement(choose) for _ in range(choose.randint(3, 14)))]
    source = SourceFile("a.py", "".join(statements))
    entries = Entries(source)
    for _ in range(12):
        at = choose.randrange(len(statements))
        statements[at : at + choose.choice((0, 1, 1, 2))] = [
            statement(choose) for _ in range(choose.choice((0, 1, 1, 2)))
        ]
        if not statements:
            return
        before, source = source, source.edited("".join(statements), 0)
        entries = Entries(source, entries)
        fresh = SourceFile("a.py", source.text)
        assert found(entries) == found(Entries(fresh))
        expected = {name: [chunk.start_line for chunk in chunks] for name, chunks in index_of(fresh).items()}
        assert {name: [c.start_line for c in chunks] for name, chunks in index_of(source, before).items()} == expected


def test_looking_for_entries_can_be_interrupted() -> None:
    with pytest.raises(Interrupted):
        Entries(SourceFile("a.py", "import torch\ndef f(x):\n    x += 1\n"), interrupted=lambda: True)
