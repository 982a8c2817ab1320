"""What calls of torch show, collected by several processes; can be kept in a file, for it takes half an hour of one processor."""

from __future__ import annotations

import os
import pickle
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tools.facts.calls import Call, Inputs
from tools.facts.isolation import Child, isolated
from tools.facts.measurement import Observation, observe

# Processor time for all calls of one public name, and for one of them by itself.
SECONDS = 60
SECONDS_PER_CALL = 5
# Names measured at the same time.
WORKERS = os.cpu_count() or 1


class Collection(NamedTuple):
    """`seen`: the observations, in the order of the names; `refused`: how many calls torch refused, by public name and reason."""

    seen: list[Observation]
    refused: Counter[str]

    def note(self, number: int, name: str, shown: list[Observation] | str) -> None:
        """Put what call `number` of `name` showed, or the reason why torch refuses it, where it belongs."""
        if isinstance(shown, str):
            self.refused[f"{name}: {shown}"] += 1
            return
        for observation in shown:
            observation.call = number
        self.seen.extend(shown)


def kept(path: Path | None, collected: Callable[[], Collection]) -> Collection:
    """What the file at `path` holds; if there is none, what `collected` returns, which is put there."""
    if path is not None and path.exists():
        return Collection(*pickle.loads(path.read_bytes()))
    found = collected()
    if path is not None:
        path.write_bytes(pickle.dumps(tuple(found)))
    return found


def collect(inputs: Inputs, names: Sequence[str]) -> Collection:
    """What the calls of `names` show."""
    torch.set_num_threads(1)
    workers = [Child(lambda share=share: _share(inputs, names, share)) for share in range(WORKERS)]  # type: ignore[misc]
    found: dict[int, Collection] = {}
    for worker in workers:
        share = worker.result()
        if share is None:
            raise RuntimeError("a worker died outside the calls to measure")
        found |= share
    whole = Collection([], Counter())
    for number in range(len(names)):
        for observation in found[number].seen:
            observation.call += number * 1000
        whole.seen.extend(found[number].seen)
        whole.refused.update(found[number].refused)
    return whole


def _share(inputs: Inputs, names: Sequence[str], share: int) -> dict[int, Collection]:
    """What one worker's names show, by the number of the name."""
    found = {}
    for number in range(share, len(names), WORKERS):
        name = names[number]
        together = isolated(lambda name=name: _observed(inputs, name), SECONDS)  # type: ignore[misc]
        found[number] = _observed_one_by_one(inputs, name) if together is None else together
    return found


def _observed(inputs: Inputs, name: str) -> Collection:
    found = Collection([], Counter())
    for number, call in enumerate(inputs.calls(name)):
        found.note(number, name, _observed_call(call))
    return found


def _observed_one_by_one(inputs: Inputs, name: str) -> Collection:
    """The same where a call takes the process down, or too long: each call has a process of its own."""
    found = Collection([], Counter())
    reason = f"the process died, or took longer than {SECONDS_PER_CALL} s"
    if isolated(lambda: sum(1 for _ in inputs.calls(name)), SECONDS) is None:
        found.note(0, name, f"{reason}, when calls were tried")
        return found
    for number, call in enumerate(inputs.calls(name)):
        shown = isolated(lambda call=call: _observed_call(call), SECONDS_PER_CALL)  # type: ignore[misc]
        found.note(number, name, reason if shown is None else shown)
    return found


def _observed_call(call: Call) -> list[Observation] | str:
    """What the call shows, or the reason for which torch refuses it."""
    try:
        return list(observe(call))
    except Exception as error:
        return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')[:100]}"
