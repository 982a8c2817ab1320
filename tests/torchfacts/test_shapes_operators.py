"""The shape rules beside torch, over torch's own samples for every operator (OpInfo)."""

from __future__ import annotations

import warnings

import pytest
import torch
from tests.torchfacts.geometries import Call, RecordedCalls, RecordedFunctions, disagreement, every_nth
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import OpInfo

from gradguard.torchfacts.shapes import infer, rule_for
from gradguard.torchfacts.shapes.names import base_name
from gradguard.torchfacts.shapes.values import Inconsistent, Undetermined

_DTYPES = (torch.float32, torch.int64, torch.bool, torch.complex64)
_SAMPLES = 5

# Operator names (overloads and in-place forms counted once) whose results are told and found right. A rule that falls
# silent lowers the figure.
_FLOOR = 560


def _record(op: OpInfo, dtype: torch.dtype) -> list[Call]:
    """What torch runs for some samples: the public function, and the ATen operators that it is made of."""
    functions, operators = RecordedFunctions(), RecordedCalls()
    # `op.sample_inputs` would look up the running test for each sample, which takes longer than all the rest.
    for sample in every_nth(op.sample_inputs_func(op, "cpu", dtype, requires_grad=False), _SAMPLES):
        for function in (op.op, op.inplace_variant):
            if function is None:
                continue
            own = (
                sample.input.clone()
                if function is not op.op and isinstance(sample.input, torch.Tensor)
                else sample.input
            )
            try:
                with torch.no_grad(), functions, operators:
                    function(own, *sample.args, **sample.kwargs)
            except (RuntimeError, ValueError, TypeError, NotImplementedError, IndexError):
                continue  # Not every sample suits every form; what ran before is recorded.
    return functions.calls + operators.calls


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    torch.manual_seed(0)
    recorded: list[Call] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for op in op_db:
            # A jiterator compiles for CUDA; torch.masked is a layer of Python on top of the rest.
            if not op.name.startswith(("jiterator", "masked.")):
                for dtype in _DTYPES:
                    if dtype in op.dtypes:
                        recorded += _record(op, dtype)
    return recorded


def test_every_claim_holds(calls: list[Call]) -> None:
    wrong: dict[str, str] = {}
    for name, arguments, results in calls:
        found = infer(name, arguments)
        if found is not None:
            problem = disagreement(found, results)
            if problem is not None:
                wrong.setdefault(name, f"{name}{arguments}: {problem}")
    assert not wrong, "\n".join(wrong.values())


def test_coverage_does_not_shrink(calls: list[Call]) -> None:
    told = {base_name(name)[0] for name, arguments, _ in calls if infer(name, arguments) is not None}
    silent = {base_name(name)[0] for name, _, _ in calls} - told
    print(f"told {len(told)} operators, silent about {len(silent)}: {' '.join(sorted(silent))}")
    assert len(told) >= _FLOOR


def test_a_rule_gives_up_only_on_purpose(calls: list[Call]) -> None:
    """`infer` takes any error of a rule for bad input; on torch's own samples there is no bad input."""
    failed: dict[str, str] = {}
    for name, arguments, _ in calls:
        rule = rule_for(name)
        if rule is not None:
            try:
                rule(arguments)
            except (Undetermined, Inconsistent):
                pass
            except Exception as error:
                failed.setdefault(name, f"{name}{arguments}: {error!r}")
    assert not failed, "\n".join(failed.values())


def test_torch_accepts_what_rules_call_inconsistent(calls: list[Call]) -> None:
    """What torch ran is consistent, so no rule may call it otherwise."""
    refused: dict[str, str] = {}
    for name, arguments, _ in calls:
        rule = rule_for(name)
        if rule is not None:
            try:
                rule(arguments)
            except Inconsistent:
                refused.setdefault(name, f"{name}{arguments}")
            except Exception:
                continue
    assert not refused, "\n".join(refused.values())
