"""The committed facts are those of the installed torch, and well formed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from tools.facts.generate import BEHIND_PYTHON, data_file, derived_facts
from tools.facts.values import resolve

from gradguard.torchfacts.catalog import Catalog
from gradguard.torchfacts.encoding import decode, encode

if TYPE_CHECKING:
    from gradguard.torchfacts.operator import Operator

catalog = Catalog.load(torch.__version__)


def _operators() -> list[Operator]:
    found = [catalog.operator(name) for name in catalog.operator_names()]
    return [operator for operator in found if operator is not None]


def test_there_are_facts_for_the_installed_torch() -> None:
    assert data_file().exists()


def test_what_torchs_tables_say_is_what_is_committed() -> None:
    derived, names = derived_facts()
    known = [operator for operator in derived.values() if operator.known]
    assert len(known) > 1000
    denied = set()
    for operator in known:
        committed = catalog.operator(operator.name)
        assert committed is not None, operator.name
        if not committed.known:
            denied.add(operator.name)
            continue
        # Whether values are read is measured, not derived.
        assert encode(committed).replace("#", "") == encode(operator), operator.name
    # It hands a tensor of floats back, of which its schema knows nothing.
    assert denied == {"dequantize.self"}
    assert set(names) == set(catalog.public_names())


def test_every_operator_survives_its_encoding() -> None:
    for operator in _operators():
        assert decode(operator.name, encode(operator)) == operator


def test_an_operator_speaks_only_of_its_own_arguments_and_results() -> None:
    for operator in _operators():
        arguments = {argument.name for argument in operator.arguments}
        assert {saved.name for saved in operator.saved} <= arguments, operator.name
        assert {name for saved in operator.saved for name in saved.only_if} <= set(operator.differentiable), (
            operator.name
        )
        assert set(operator.differentiable) <= arguments, operator.name
        assert set(operator.writes) <= arguments, operator.name
        assert operator.view_of is None or operator.view_of in arguments, operator.name
        assert all(index < max(operator.results, 1) for index in operator.saved_results), operator.name
        assert len(operator.differentiable_results) == operator.results, operator.name


def test_every_public_name_is_torchs_and_can_be_bound() -> None:
    for name in catalog.public_names():
        assert catalog.candidates(name), name
        if name not in BEHIND_PYTHON:
            assert resolve(name) is not None, name


def test_the_same_candidates_are_handed_out_each_time() -> None:
    assert catalog.candidates("torch.mul") is catalog.candidates("torch.mul")
    assert catalog.candidates("torch.no_such_function") == ()


def test_a_malformed_line_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown flag"):
        decode("odd", "self:Tensor|+||||| sometimes")


@pytest.mark.parametrize(
    "name",
    [
        "torch.exp",
        "Tensor.exp_",
        "Tensor.__iadd__",
        "torch.nn.functional.cross_entropy",
        "torch.nn.functional.mse_loss",
        "torch.nn.functional.linear",
        "torch.linalg.norm",
        "torch.fft.fft",
        "torch.special.expit",
        "torch.einsum",
        "torch._C._nn.gelu",
    ],
)
def test_names_of_every_kind_are_known(name: str) -> None:
    assert catalog.candidates(name)
