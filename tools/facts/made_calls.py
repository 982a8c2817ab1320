"""Calls made from an operator's schema, as far as torch takes them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from tools.facts.written_calls import floats

from gradguard.torchfacts.operator import Argument, Operator

_SHAPES: tuple[tuple[int, ...], ...] = ((3, 3), (4,), (2, 3, 4), (2, 3, 4, 4), (2, 3, 4, 4, 4), ())
_DTYPES = (torch.float32, torch.int64, torch.bool)
_PLAIN: dict[str, list[Any]] = {
    "Scalar": [1.5],
    "float": [1.5],
    "int": [0, 1, 2],
    "SymInt": [0, 1, 2],
    "bool": [False],
    "True": [True],
    "False": [False],
    "str": ["mean", "fro", "linear"],
    "ScalarType": [torch.float64],
}
_ATTEMPTS = 120
_ENOUGH = 6


def made_calls(operator: Operator, function: Callable[..., Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Arguments for `operator` that `function` takes."""
    taken = 0
    for args, kwargs in itertools.islice(_attempts(operator), _ATTEMPTS):
        copies = [a.clone() if isinstance(a, torch.Tensor) else a for a in args]
        try:
            function(*copies, **kwargs)
        except Exception:
            continue
        yield args, kwargs
        taken += 1
        if taken == _ENOUGH:
            break


def _attempts(operator: Operator) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Values for the required arguments, from likely to less likely."""
    needed = [a for a in operator.arguments if a.required]
    for shape in _SHAPES:
        for values in itertools.product(*(_values(a, shape) for a in needed)):
            args = tuple(v for a, v in zip(needed, values, strict=True) if not a.keyword_only)
            kwargs = {a.name: v for a, v in zip(needed, values, strict=True) if a.keyword_only}
            yield args, kwargs


def _values(argument: Argument, shape: tuple[int, ...]) -> list[Any]:
    """What to try for one argument."""
    type_ = argument.type.removesuffix("?").partition("/")[0]
    if argument.kind in ("tensor", "tensor?"):
        return [(floats(*shape) * 2).to(dtype) for dtype in _DTYPES]
    if argument.kind == "tensors":
        return [[floats(*shape), floats(*shape) * 0.5]]
    if type_.startswith(("int[", "SymInt[")):
        return [[0], [1], [2, 2], list(shape)]
    return _PLAIN.get(type_, [None])
