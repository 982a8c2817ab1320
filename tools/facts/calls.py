"""Calls of torch to measure: those of torch's own test-input database, made under every public name that they fit.

`torch.testing._internal.common_methods_invocations.op_db` holds generated inputs for some 700 operators. Each input is
tried as a function, as a method, in place, and under the operator's aliases; what the database lacks comes from
`tools.facts.written_calls`. Calls of composite operators are varied, for their inputs seldom exercise every flag.
"""

from __future__ import annotations

import itertools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from tools.facts.made_calls import made_calls
from tools.facts.values import resolve, value_kind
from tools.facts.written_calls import scattered, written_calls
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import OpInfo, SampleInput

from gradguard.torchfacts.binding import Bound, bind
from gradguard.torchfacts.catalog import Catalog

# The database calls these with their arguments in another order than the public function takes them.
_OTHER_ORDER = frozenset({"nn.functional.embedding", "nn.functional.embedding_bag", "where", "polygamma", "einsum"})
# A subscript is no call; the interpreter of Python sees to it.
_NOT_CALLED = frozenset({"Tensor.__getitem__"})
# So many calls of one name are varied; further ones are made as they are.
_VARIED = 6


@dataclass(frozen=True)
class Call:
    """One call to measure: `function(*args, **kwargs)`, written `name(…)` by a user. `bound` names the arguments."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    bound: Bound


class Inputs:
    """Every public name that can be called, with the arguments to call it with."""

    def __init__(self, catalog: Catalog, limit: int, varied: frozenset[str]) -> None:
        """At most `limit` inputs per database entry and name; calls of the operators in `varied` are made and varied too."""
        warnings.simplefilter("ignore")
        self._catalog, self._limit, self._varied = catalog, limit, varied
        self._entries: defaultdict[str, list[OpInfo]] = defaultdict(list)
        for entry in op_db:
            if entry.name not in _OTHER_ORDER:
                for name in _public_names(entry):
                    self._entries[name].append(entry)
        self._more: defaultdict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = defaultdict(list)
        for name, inputs in written_calls():
            self._more[name] += inputs

    def names(self) -> list[str]:
        """The public names of the catalog that Python can call."""
        names = self._catalog.public_names()
        return [name for name in names if name not in _NOT_CALLED and resolve(name) is not None]

    def calls(self, name: str) -> Iterator[Call]:
        """The calls of `name`; those that no overload takes are left out."""
        function = resolve(name)
        if function is None:
            return
        with_out: set[str] = set()
        reached: set[str] = set()
        inputs = itertools.chain(self._inputs(name), self._made(name, function, reached))
        for index, (args, kwargs) in enumerate(inputs):
            bound = bind(self._catalog.candidates(name), args, kwargs, value_kind)
            if bound is None:
                continue
            reached.add(bound.operator.name.partition("[")[0])
            call = Call(name, function, args, kwargs, bound)
            yield call
            if bound.operator.name not in with_out and name.startswith("torch."):
                with_out.add(bound.operator.name)
                yield from _with_out(self._catalog, call)
            if index < _VARIED and bound.operator.name.partition("[")[0] in self._varied:
                yield from _variations(self._catalog, call)

    def _inputs(self, name: str) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        """The hand-written ones first, so that they are among those varied."""
        yield from self._more.get(name, ())
        for entry in self._entries.get(name, ()):
            for s in _samples(entry, self._limit):
                # A momentum of nought leaves the running statistics as they are: that they are written cannot be seen.
                if not (name.endswith("_") and s.broadcasts_input) and s.kwargs.get("momentum") != 0:
                    yield (s.input, *s.args), s.kwargs

    def _made(
        self, name: str, function: Callable[..., Any], reached: set[str]
    ) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Arguments for the operators behind `name` that no other input has reached by now."""
        for operator in self._catalog.candidates(name):
            if operator.name.partition("[")[0] not in reached and "out" not in operator.writes:
                yield from made_calls(operator, function)


def _variations(catalog: Catalog, call: Call) -> Iterator[Call]:
    """The call with its options left out, with each flag set and unset, and on tensors that lie scattered in memory."""
    operator, arguments = call.bound.operator, call.bound.arguments
    needed = {a.name: arguments[a.name] for a in operator.arguments if a.name in arguments and _is_needed(a, arguments)}
    variants = [needed] if len(needed) < len(arguments) else []
    variants += [
        {**arguments, a.name: value}
        for a in operator.arguments
        if a.type in ("bool", "bool?") and a.name not in ("requires_grad", "pin_memory")
        for value in (True, False)
        if arguments.get(a.name) is not value
    ]
    for variant in variants:
        args = tuple(
            variant[a.name] for a in operator.arguments if a.required and not a.keyword_only and a.name in variant
        )
        kwargs = {
            a.name: variant[a.name]
            for a in operator.arguments
            if (not a.required or a.keyword_only) and a.name in variant
        }
        if any(a.variadic for a in operator.arguments):
            continue
        bound = bind(catalog.candidates(call.name), args, kwargs, value_kind)
        if bound is not None:
            yield Call(call.name, call.function, args, kwargs, bound)
    args, kwargs = _scattered(call.args), _scattered(call.kwargs)
    bound = bind(catalog.candidates(call.name), args, kwargs, value_kind)
    if bound is not None:
        yield replace(call, args=args, kwargs=kwargs, bound=bound)


def _with_out(catalog: Catalog, call: Call) -> Iterator[Call]:
    """The call with tensors of the right shapes as `out=`, if it has such a form and torch takes it."""
    if not any("out" in operator.writes for operator in catalog.candidates(call.name)):
        return
    try:
        returned = call.function(*call.args, **call.kwargs)
    except Exception:
        return
    if isinstance(returned, (list, tuple)):
        out: Any = tuple(torch.zeros_like(part) for part in returned if isinstance(part, torch.Tensor))
    elif isinstance(returned, torch.Tensor):
        out = torch.zeros_like(returned)
    else:
        return
    kwargs = {**call.kwargs, "out": out}
    bound = bind(catalog.candidates(call.name), call.args, kwargs, value_kind)
    if bound is not None:
        yield replace(call, kwargs=kwargs, bound=bound)


def _is_needed(argument: Any, arguments: dict[str, object]) -> bool:
    return argument.required or isinstance(arguments[argument.name], torch.Tensor)


def _scattered(value: Any) -> Any:
    """The same tensors, scattered."""
    if isinstance(value, torch.Tensor) and value.layout == torch.strided:
        return scattered(value)
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(_scattered(item) for item in value)
    if isinstance(value, dict):
        return {name: _scattered(item) for name, item in value.items()}
    return value


def _public_names(entry: OpInfo) -> list[str]:
    names = []
    for stem in (entry.name, *(alias.name for alias in entry.aliases)):
        names.append(f"torch.{stem}")
        if "." not in stem:
            names.append(f"Tensor.{stem}")
        if stem == "__rdiv__":
            names.append("Tensor.__rtruediv__")
        if not stem.startswith("__"):
            names += [f"{name}_" for name in names[-2:]]
    return list(dict.fromkeys(names))


def _samples(entry: OpInfo, limit: int) -> list[SampleInput]:
    """`limit` samples spread over all of the entry's: later ones often exercise the rarer flags."""
    dtype = next((d for d in (torch.float32, torch.complex64, torch.int64, torch.bool) if d in entry.dtypes), None)
    if dtype is None:
        return []
    torch.manual_seed(0)
    try:
        samples = list(entry.sample_inputs("cpu", dtype, requires_grad=False))
    except Exception:
        return []
    step = max(1, -(-len(samples) // limit))
    return samples[::step]
