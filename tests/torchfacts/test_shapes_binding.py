"""From a public call to its result as the analysis goes: the catalog's candidates, the overload bound, the rule for it."""

from __future__ import annotations

import warnings
from contextlib import suppress

import pytest
import torch
from tests.torchfacts.geometries import Call, abstract, disagreement, results_of
from tests.torchfacts.opinfo_calls import samples
from torch.overrides import TorchFunctionMode, resolve_name

from gradguard.torchfacts.binding import ValueKind, bind
from gradguard.torchfacts.catalog import Catalog
from gradguard.torchfacts.shapes import infer

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def _kind_of(value: object) -> ValueKind:
    if isinstance(value, torch.Tensor):
        return "tensor"
    if isinstance(value, bool):
        return "true" if value else "false"
    for kind, types in (("int", int), ("float", float), ("str", str), ("dtype", torch.dtype)):
        if isinstance(value, types):
            return kind  # type: ignore[return-value]
    if value is None:
        return "none"
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, torch.Tensor) for item in value):
            return "tensors"
        return "ints" if all(isinstance(item, int) for item in value) else "other"
    return "other"


class _BoundCalls(TorchFunctionMode):
    """Records the public calls that the catalog knows, bound to an operator."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self.catalog = catalog
        self.calls: list[Call] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        kwargs = kwargs or {}
        name = (resolve_name(func) or "").replace("torch.Tensor.", "Tensor.")
        bound = bind(self.catalog.candidates(name), args, kwargs, _kind_of)
        arguments = None if bound is None else {key: abstract(value) for key, value in bound.arguments.items()}
        returned = func(*args, **kwargs)
        results = results_of(returned)
        if bound is not None and arguments is not None and results is not None:
            self.calls.append((bound.operator.name, arguments, results))
        return returned


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    recorded = _BoundCalls(Catalog.load("2.13"))
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        for op, sample in samples(torch.float32):
            with suppress(RuntimeError, ValueError, TypeError, IndexError), recorded:
                op.op(sample.input, *sample.args, **sample.kwargs)
    return recorded.calls


def test_every_claim_about_a_bound_call_holds(calls: list[Call]) -> None:
    wrong: dict[str, str] = {}
    told: set[str] = set()
    for name, arguments, results in calls:
        found = infer(name, arguments)
        if found is not None:
            told.add(name)
            problem = disagreement(found, results)
            if problem is not None:
                wrong.setdefault(name, f"{name}{arguments}: {problem}")
    silent = {name for name, _, _ in calls} - told
    print(f"told {len(told)} overloads, silent about {len(silent)}: {' '.join(sorted(silent))}")
    assert not wrong, "\n".join(wrong.values())
    assert len(told) >= 550
