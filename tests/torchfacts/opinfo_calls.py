"""Calls of nearly every operator of torch, recorded from torch's own samples (OpInfo)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import torch
from tests.torchfacts.geometries import Call, RecordedCalls, RecordedFunctions
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import OpInfo, SampleInput

_DTYPES = (torch.float32, torch.int64, torch.bool, torch.complex64)
_SAMPLES = 5


@lru_cache(maxsize=1)
def opinfo_calls() -> tuple[Call, ...]:
    """For each operator some samples in four dtypes: the public function, its in-place form, and the ATen operators below."""
    recorded: list[Call] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for op in op_db:
            # A jiterator compiles for CUDA; torch.masked is a layer of Python on top of the rest.
            if not op.name.startswith(("jiterator", "masked.")):
                for dtype in _DTYPES:
                    if dtype in op.dtypes:
                        torch.manual_seed(0)
                        recorded += _record(op, dtype)
    return tuple(recorded)


def _record(op: OpInfo, dtype: torch.dtype) -> list[Call]:
    functions, operators = RecordedFunctions(), RecordedCalls()
    # `op.sample_inputs` would look up the running test for each sample, which takes longer than all the rest.
    for sample in _spread(op.sample_inputs_func(op, "cpu", dtype, requires_grad=False)):
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


def _spread(samples: Iterator[SampleInput], limit: int = 200) -> list[SampleInput]:
    """A few of the first samples, spread over all of them."""
    found = list(islice(samples, limit))
    step = max(len(found) // _SAMPLES, 1)
    return found[::step][:_SAMPLES]
