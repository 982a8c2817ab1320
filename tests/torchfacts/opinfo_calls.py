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
        for dtype in _DTYPES:
            for op, sample in samples(dtype):
                recorded += _record(op, sample)
    return tuple(recorded)


def samples(dtype: torch.dtype) -> Iterator[tuple[OpInfo, SampleInput]]:
    """Some samples for each operator that works on `dtype`, the same at each call."""
    for op in op_db:
        # A jiterator compiles for CUDA; torch.masked is a layer of Python on top of the rest.
        if dtype in op.dtypes and not op.name.startswith(("jiterator", "masked.")):
            torch.manual_seed(0)
            # `op.sample_inputs` would look up the running test for each sample, which takes longer than all the rest.
            for sample in _spread(op.sample_inputs_func(op, "cpu", dtype, requires_grad=False)):
                yield op, sample


def _record(op: OpInfo, sample: SampleInput) -> list[Call]:
    functions, operators = RecordedFunctions(), RecordedCalls()
    for function in (op.op, op.inplace_variant):
        own = sample.input
        if function is None or (function is not op.op and not isinstance(own, torch.Tensor)):
            continue
        own = own.clone() if function is not op.op else own
        try:
            with torch.no_grad(), functions, operators:
                function(own, *sample.args, **sample.kwargs)
        except (RuntimeError, ValueError, TypeError, NotImplementedError, IndexError):
            continue  # Not every sample suits the in-place form; what ran before is recorded.
    return functions.calls + operators.calls


def _spread(samples: Iterator[SampleInput], limit: int = 200) -> list[SampleInput]:
    """A few of the first samples, spread over all of them."""
    found = list(islice(samples, limit))
    step = max(len(found) // _SAMPLES, 1)
    return found[::step][:_SAMPLES]
