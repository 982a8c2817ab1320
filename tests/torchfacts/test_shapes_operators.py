"""The shape rules beside torch, over torch's own samples for every operator (OpInfo)."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from tests.torchfacts.geometries import Call, disagreement
from tests.torchfacts.opinfo_calls import opinfo_calls

from gradguard.torchfacts import shapes
from gradguard.torchfacts.shapes import infer, rule_for
from gradguard.torchfacts.shapes.names import base_name
from gradguard.torchfacts.shapes.values import Inconsistent, Undetermined

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

# Operator names (overloads and in-place forms counted once) whose results are told and found right. A rule that falls
# silent lowers the figure.
_FLOOR = 580


@pytest.fixture(scope="module")
def calls() -> tuple[Call, ...]:
    return opinfo_calls()


def test_no_name_has_two_rules() -> None:
    modules = [
        importlib.import_module(f"{shapes.__name__}.{module.name}") for module in pkgutil.iter_modules(shapes.__path__)
    ]
    names = [name for module in modules for name in getattr(module, "RULES", ())]
    assert sorted(names) == sorted(shapes.covered())


def test_every_claim_holds(calls: tuple[Call, ...]) -> None:
    wrong: dict[str, str] = {}
    for name, arguments, results in calls:
        found = infer(name, arguments)
        if found is not None:
            problem = disagreement(found, results)
            if problem is not None:
                wrong.setdefault(name, f"{name}{arguments}: {problem}")
    assert not wrong, "\n".join(wrong.values())


def test_coverage_does_not_shrink(calls: tuple[Call, ...]) -> None:
    told = {base_name(name)[0] for name, arguments, _ in calls if infer(name, arguments) is not None}
    silent = {base_name(name)[0] for name, _, _ in calls} - told
    print(f"told {len(told)} operators, silent about {len(silent)}: {' '.join(sorted(silent))}")
    assert len(told) >= _FLOOR


def test_a_rule_gives_up_only_on_purpose(calls: tuple[Call, ...]) -> None:
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


def test_torch_accepts_what_rules_call_inconsistent(calls: tuple[Call, ...]) -> None:
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
