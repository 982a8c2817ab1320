"""Whether results share memory with their operand: torch's samples, and operands in layouts that decide it."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

import pytest
import torch
from tests.torchfacts.geometries import public_arguments
from tests.torchfacts.opinfo_calls import samples
from torch.overrides import TorchFunctionMode, resolve_name

from gradguard.torchfacts.shapes import is_view

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


class _SharedMemory(TorchFunctionMode):
    """Records for public calls whether the first result lies in the memory of the first argument."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, dict[str, object], bool]] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        kwargs = kwargs or {}
        name = resolve_name(func) or ""
        arguments = public_arguments(func, name, args, kwargs)
        returned = func(*args, **kwargs)
        first = returned[0] if isinstance(returned, (tuple, list)) and returned else returned
        if arguments is not None and args and _has_memory(args[0]) and _has_memory(first) and "getitem" not in name:
            self.calls.append((name, arguments, _address(first) == _address(args[0])))
        return returned


def _has_memory(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.layout is torch.strided and value.untyped_storage().nbytes() > 0


def _address(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


@lru_cache(maxsize=1)
def _calls() -> list[tuple[str, dict[str, object], bool]]:
    recorded = _SharedMemory()
    with torch.no_grad():
        for op, sample in samples(torch.float32):
            with suppress(RuntimeError, ValueError, TypeError, IndexError), recorded:
                op.op(sample.input, *sample.args, **sample.kwargs)
    return recorded.calls


def test_torch_shares_memory_where_it_is_said_to() -> None:
    wrong: dict[str, str] = {}
    decided: set[bool | None] = set()
    for name, arguments, shared in _calls():
        found = is_view(name, arguments)
        decided.add(found)
        if found is not None and found is not shared:
            wrong.setdefault(name, f"{name}{arguments}: shared {shared}")
    assert not wrong, "\n".join(wrong.values())
    assert decided >= {True, False}


def test_operands_that_decide_it() -> None:
    plain, turned = torch.zeros(2, 3, 4), torch.zeros(4, 3, 2).permute(2, 1, 0)
    recorded = _SharedMemory()
    with recorded:
        for x in (plain, turned, plain[:, ::2], plain[1:], torch.zeros(3).expand(2, 3)):
            x.reshape(-1), x.flatten(), x.ravel(), x.contiguous(), x.clone(), x.expand_as(torch.zeros(5, *x.shape))
            x.to(torch.float32), x.to(torch.float64), x.float(), x.double(), x.reshape(x.shape), x.flatten(-1), x.T
            x.to(torch.float32, copy=True), x.type_as(x), torch.broadcast_to(x, (2, *x.shape)), x.reshape_as(x)
            for training in (True, False):
                torch.nn.functional.dropout(x, training=training)
                torch.nn.functional.alpha_dropout(x, training=training)
    assert len(recorded.calls) > 80
    for name, arguments, shared in recorded.calls:
        found = is_view(name, arguments)
        # Another tensor may be on another device.
        assert found is shared or (found is None and "other" in arguments), (name, arguments)
