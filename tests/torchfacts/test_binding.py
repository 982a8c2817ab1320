"""`bind` picks the overload that torch's own parser picks: the real call makes the node that the operator names."""

from __future__ import annotations

import pytest
import torch
from tests.torchfacts.values import bound, call
from tools.facts.measurement import node_name
from tools.facts.values import value_kind

from gradguard.torchfacts.binding import bind
from gradguard.torchfacts.catalog import Catalog

catalog = Catalog.load("2.13.0")


def _tracked(*shape: int) -> torch.Tensor:
    return (torch.rand(shape) + 0.5).requires_grad_().clone()


def _x() -> torch.Tensor:
    return _tracked(3, 3)


_MASK = torch.tensor([[True, False, True]] * 3)
_INDEX = torch.tensor([[0, 1, 2]] * 3)

# Public name, arguments after the receiver or first operand `x`, keyword arguments.
CALLS: list[tuple[str, tuple[object, ...], dict[str, object]]] = [
    ("torch.add", (1,), {}),
    ("torch.add", (_x(),), {"alpha": 2}),
    ("torch.add", (2, _x()), {}),
    ("torch.sub", (_x(),), {}),
    ("torch.rsub", (2,), {}),
    ("torch.mul", (2.5,), {}),
    ("torch.div", (2,), {}),
    ("torch.div", (_x(),), {"rounding_mode": "floor"}),
    ("torch.pow", (2,), {}),
    ("torch.pow", (_x(),), {}),
    ("torch.max", (), {}),
    ("torch.max", (0,), {}),
    ("torch.max", (_x(),), {}),
    ("torch.max", (), {"dim": 1}),
    ("torch.max", (), {"axis": 1}),
    ("torch.min", (1, True), {}),
    ("torch.sum", (), {}),
    ("torch.sum", (0,), {}),
    ("torch.sum", ((0, 1),), {}),
    ("torch.sum", (), {"dim": 0, "keepdim": True}),
    ("torch.mean", (), {}),
    ("torch.mean", (0,), {}),
    ("torch.prod", (), {}),
    ("torch.prod", (0,), {}),
    ("torch.median", (), {}),
    ("torch.median", (1,), {}),
    ("torch.clamp", (0.6,), {}),
    ("torch.clamp", (), {"max": 0.9}),
    ("torch.clamp", (_x(), _x()), {}),
    ("torch.where", (), {}),
    ("torch.lerp", (_x(), 0.5), {}),
    ("torch.lerp", (_x(), _x()), {}),
    ("torch.fmod", (2,), {}),
    ("torch.remainder", (_x(),), {}),
    ("torch.gather", (1, _INDEX), {}),
    ("torch.index_select", (0, torch.tensor([0, 2])), {}),
    ("torch.masked_fill", (_MASK, 0), {}),
    ("torch.masked_fill", (_MASK, torch.tensor(0.0)), {}),
    ("torch.scatter", (1, _INDEX, 0.0), {}),
    ("torch.scatter", (1, _INDEX, _x()), {}),
    ("torch.squeeze", (), {}),
    ("torch.squeeze", (0,), {}),
    ("torch.squeeze", ((0, 1),), {}),
    ("torch.transpose", (0, 1), {}),
    ("torch.permute", ((1, 0),), {}),
    ("torch.select", (0, 1), {}),
    ("torch.unbind", (), {}),
    ("torch.split", (2,), {}),
    ("torch.split", ([1, 2],), {}),
    ("torch.cumsum", (0,), {}),
    ("torch.logsumexp", (0,), {}),
    ("torch.sort", (), {}),
    ("torch.sort", (), {"dim": 0, "descending": True}),
    ("torch.topk", (2,), {}),
    ("torch.kthvalue", (1,), {}),
    ("torch.norm", (), {}),
    ("torch.addmm", (_x(), _x()), {}),
    ("torch.addmm", (_x(), _x()), {"beta": 0.5, "alpha": 2}),
    ("torch.addcmul", (_x(), _x()), {"value": 0.5}),
    ("torch.addcdiv", (_x(), _x()), {}),
    ("torch.mm", (_x(),), {}),
    ("torch.roll", (1,), {}),
    ("torch.roll", (1, 0), {}),
    ("torch.flip", ((0,),), {}),
    ("torch.repeat_interleave", (2,), {}),
    ("torch.threshold", (0.6, 0.0), {}),
    ("torch.nan_to_num", (), {}),
    ("torch.logit", (), {"eps": 0.1}),
    ("torch.round", (), {}),
    ("torch.round", (), {"decimals": 1}),
    ("torch.special.xlog1py", (_x(),), {}),
    ("torch.special.zeta", (2.0,), {}),
    ("torch.linalg.vector_norm", (), {}),
    ("torch.linalg.qr", (), {}),
    ("torch._C._nn.gelu", (), {"approximate": "tanh"}),
    ("torch._C._nn.softplus", (), {}),
    ("torch.nn.functional.softplus", (2.0,), {}),
    ("Tensor.add", (1,), {}),
    ("Tensor.add_", (1,), {}),
    ("Tensor.mul_", (_x(),), {}),
    ("Tensor.div_", (2,), {}),
    ("Tensor.pow_", (2,), {}),
    ("Tensor.pow_", (_x(),), {}),
    ("Tensor.view", (9,), {}),
    ("Tensor.view", (1, 9), {}),
    ("Tensor.view", ((9, 1),), {}),
    ("Tensor.permute", (1, 0), {}),
    ("Tensor.expand", (2, 3, 3), {}),
    ("Tensor.repeat", (2, 1), {}),
    ("Tensor.flip", (0, 1), {}),
    ("Tensor.fill_", (0,), {}),
    ("Tensor.fill_", (torch.tensor(1.0),), {}),
    ("Tensor.masked_fill_", (_MASK, 1.0), {}),
    ("Tensor.masked_scatter_", (_MASK, _x()), {}),
    ("Tensor.index_add_", (0, torch.tensor([0, 1, 2]), _x()), {}),
    ("Tensor.index_fill_", (0, torch.tensor([0]), 1.0), {}),
    ("Tensor.scatter_", (0, _INDEX, 1.0), {}),
    ("Tensor.scatter_add_", (0, _INDEX, _x()), {}),
    ("Tensor.clamp_", (0.6, 0.9), {}),
    ("Tensor.clamp_", (), {"min": 0.6}),
    ("Tensor.lerp_", (_x(), 0.5), {}),
    ("Tensor.copy_", (_x(),), {}),
    ("Tensor.zero_", (), {}),
    ("Tensor.unsqueeze", (0,), {}),
    ("Tensor.unfold", (0, 2, 1), {}),
    ("Tensor.diagonal", (), {}),
    ("Tensor.t", (), {}),
    ("Tensor.detach_", (), {}),
    ("Tensor.__add__", (1,), {}),
    ("Tensor.__radd__", (1,), {}),
    ("Tensor.__iadd__", (1,), {}),
    ("Tensor.__sub__", (_x(),), {}),
    ("Tensor.__rsub__", (2,), {}),
    ("Tensor.__mul__", (3,), {}),
    ("Tensor.__imul__", (_x(),), {}),
    ("Tensor.__truediv__", (2,), {}),
    ("Tensor.__itruediv__", (2,), {}),
    ("Tensor.__pow__", (2,), {}),
    ("Tensor.__pow__", (_x(),), {}),
    ("Tensor.__ipow__", (2,), {}),
    ("Tensor.__rpow__", (2,), {}),
    ("Tensor.__mod__", (2,), {}),
    ("Tensor.__rmod__", (_x(),), {}),
    ("Tensor.__neg__", (), {}),
    ("Tensor.__abs__", (), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(CALLS)])
def test_the_overload_is_the_one_that_torch_runs(
    name: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    x = _x()
    if name == "torch.where":
        args = (torch.rand(3, 3), x)
        x = _MASK
    operator = bound(catalog, name, x, *args, **kwargs).operator
    assert (operator.node or "") == node_name(call(name, x, *args, **kwargs))


def test_a_call_that_torch_refuses_is_not_bound() -> None:
    assert bind(catalog.candidates("torch.relu"), ("text",), {}, value_kind) is None
    assert bind(catalog.candidates("torch.mm"), (_x(), _x(), _x()), {}, value_kind) is None
    assert bind(catalog.candidates("torch.exp"), (_x(),), {"nonsense": 1}, value_kind) is None
    for args in (("text",),):
        with pytest.raises(TypeError):
            call("torch.relu", *args)


def test_sizes_written_one_by_one_are_one_argument() -> None:
    assert bound(catalog, "Tensor.view", _x(), 1, 9).arguments["size"] == (1, 9)
    assert bound(catalog, "Tensor.view", _x(), (1, 9)).arguments["size"] == (1, 9)
    assert bound(catalog, "torch.zeros", 2, 3).arguments["size"] == (2, 3)


def test_out_selects_the_form_that_writes_it() -> None:
    target = torch.empty(3, 3)
    with_out = bound(catalog, "torch.add", torch.ones(3, 3), 1, out=target)
    assert with_out.operator.writes == ("out",)
    assert with_out.arguments["out"] is target
    assert bound(catalog, "torch.add", torch.ones(3, 3), 1, out=None).operator.writes == ()


def test_the_receiver_of_a_reflected_operator_is_the_second_operand() -> None:
    x, y = _x(), _x()
    reflected = bound(catalog, "Tensor.__rmatmul__", x, y)
    assert reflected.arguments["other"] is x
    assert reflected.arguments["self"] is y


def test_an_unknown_value_leaves_the_choice_open_only_where_it_matters() -> None:
    def kind(value: object) -> str:
        return "unknown" if value is None else "tensor"

    power = bind(catalog.candidates("torch.pow"), (_x(), None), {}, kind)
    product = bind(catalog.candidates("torch.mul"), (_x(), None), {}, kind)
    assert power is not None
    assert power.uncertain
    assert product is not None
    assert not product.uncertain
