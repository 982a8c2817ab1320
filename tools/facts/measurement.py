"""What one call does to autograd's bookkeeping, found by experiment on the installed torch.

A tensor is *saved* if moving its version between the call and backward makes backward raise. `increment_version` moves it
as every in-place write does, without changing a number. Each experiment runs the call afresh on copies.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from tools.facts.calls import Call
from tools.facts.values import value_kind
from torch.autograd.graph import increment_version
from torch.utils._pytree import tree_flatten

_NO_GRADIENT = (
    "not differentiable with respect to argument",
    "not implemented",
    "functions with out=... arguments don't support automatic differentiation",
)
_NO_FORMULA = "is not implemented"
_MODIFIED = "modified by an inplace operation"
_FREED = "backward through the graph a second time"
_MULTIPLE_VIEWS = "This view is the output of a function that returns multiple views"


@dataclass
class Observation:
    """One call with the arguments `needs` requiring a gradient. Arguments by name, results by index.

    `saved`: every tensor of the argument is; `partly`: some tensor of it is. `shape_only`: saved, and changing its numbers
    past the version counter left the gradients as they were (`used`: it changed them). `views`: result → (argument,
    relation: `view`, `multi`, `same`). `written`: their version moved; `silently`: only their numbers changed. `kinds`:
    of the arguments' values. `empty`: some tensor has no elements. `call`: the same for observations of one call. `whole`:
    every tensor of the arguments in `needs` requires a gradient. `opaque`: the node has no formula for this gradient, so
    backward tells nothing about what is saved.
    """

    name: str
    operator: str
    needs: frozenset[str]
    given: frozenset[str]
    saved: frozenset[str] = frozenset()
    partly: frozenset[str] = frozenset()
    saved_results: frozenset[int] = frozenset()
    single_use: bool = False
    node: str = ""
    differentiable_results: tuple[bool, ...] = ()
    returns_list: bool = False
    views: dict[int, tuple[str, str]] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    silently: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    shape_only: frozenset[str] = frozenset()
    kinds: dict[str, str] = field(default_factory=dict)
    empty: bool = False
    call: int = 0
    whole: bool = True
    opaque: bool = False


@dataclass
class _Run:
    arguments: dict[str, list[torch.Tensor]]
    results: list[torch.Tensor | None]
    returns_list: bool


def observe(call: Call) -> Iterator[Observation]:
    """One observation per set of arguments that can need a gradient. Raises what torch raises on the call itself."""
    tensors = {name: _tensors(value) for name, value in call.bound.arguments.items()}
    given = frozenset(name for name, found in tensors.items() if found)
    floating = [n for n in call.bound.arguments if n != "out" and any(_trackable(t) for t in tensors[n])]
    kinds = {name: value_kind(value) for name, value in call.bound.arguments.items()}
    empty = any(tensor.numel() == 0 for found in tensors.values() for tensor in found)
    yielded = refused = False
    for needs, chosen in _subsets(floating, tensors):
        try:
            seen = _observe(call, needs, chosen, given)
        except (RuntimeError, NotImplementedError) as error:
            if any(text in str(error) for text in _NO_GRADIENT):
                refused = refused or "not implemented" in str(error)
                continue
            raise
        if seen is not None:
            seen.kinds, seen.empty = kinds, empty
            seen.whole = all(len(chosen[name]) == len(tensors[name]) for name in needs)
            yielded = True
            yield seen
    if not yielded and not refused:
        # Nothing is differentiable here; views and writes still count.
        run = _run(call, {})
        seen = Observation(call.name, call.bound.operator.name, frozenset(), given, kinds=kinds, empty=empty)
        seen.differentiable_results = tuple(False for _ in run.results)
        seen.returns_list = run.returns_list
        _aliases_and_writes(call, seen)
        yield seen


def _subsets(
    floating: list[str], tensors: dict[str, list[torch.Tensor]]
) -> Iterator[tuple[frozenset[str], dict[str, list[int]]]]:
    """Sets of arguments with, for each, the indices of its tensors that shall require a gradient."""
    sizes = range(1, len(floating) + 1) if len(floating) <= 4 else (1, len(floating))
    for size in sizes:
        for names in itertools.combinations(floating, size):
            everything = {n: [i for i, t in enumerate(tensors[n]) if _trackable(t)] for n in names}
            yield frozenset(names), everything
            for name in names:
                if len(everything[name]) > 1:  # a list: each of its tensors alone, as far as the ends tell
                    for index in (everything[name][0], everything[name][-1]):
                        yield frozenset(names), {**everything, name: [index]}


def _observe(
    call: Call, needs: frozenset[str], chosen: dict[str, list[int]], given: frozenset[str]
) -> Observation | None:
    run = _run(call, chosen)
    live = [r for r in run.results if r is not None and r.requires_grad and r.grad_fn is not None]
    if not live:
        return None
    seen = Observation(call.name, call.bound.operator.name, needs, given)
    seen.node = node_name(live[0])
    seen.differentiable_results = tuple(r is not None and r.requires_grad for r in run.results)
    seen.returns_list = run.returns_list
    _aliases_and_writes(call, seen)
    try:
        reference = _gradients(run)
    except (RuntimeError, NotImplementedError) as error:
        if _NO_FORMULA not in str(error):
            raise
        seen.opaque = True
        return seen
    seen.single_use = _raises(lambda: _backward(run.results), _FREED)

    own = [i for i in range(len(run.results)) if run.results[i] is not None and i not in seen.views]
    slots = [(name, i) for name in given for i in range(len(run.arguments[name])) if name not in seen.written]
    saved = {slot for slot in slots if _is_saved(call, chosen, lambda r, s=slot: r.arguments[s[0]][s[1]])}  # type: ignore[misc]
    seen.partly = frozenset(name for name, _ in saved)
    seen.saved = frozenset(n for n in seen.partly if all((n, i) in saved for i in range(len(run.arguments[n]))))
    results = list(own) + [i for i, (n, how) in seen.views.items() if n in seen.written and how == "same"]
    seen.saved_results = frozenset(i for i in results if _is_saved(call, chosen, lambda r, i=i: r.results[i]))  # type: ignore[misc]
    used = {n for n, i in saved if _values_matter(call, chosen, n, i, reference)}
    seen.used, seen.shape_only = frozenset(used), seen.partly - used
    return seen


def node_name(tensor: torch.Tensor) -> str:
    """The class of the tensor's grad_fn without C++ namespaces, or nothing."""
    return tensor.grad_fn.name().rpartition("::")[2] if tensor.grad_fn is not None else ""


def _aliases_and_writes(call: Call, seen: Observation) -> None:
    before = _run(call, {})
    # `differentiable views` are only told apart from other aliases by their counters.
    run = _run(call, {}, before_call=lambda arguments: None)
    for index, result in enumerate(run.results):
        for name, tensors in run.arguments.items():
            for tensor in tensors:
                if result is None or result.is_inference() or index in seen.views:
                    continue
                if result is tensor:
                    seen.views[index] = (name, "same")
                elif _shares_counter(result, tensor):
                    seen.views[index] = (name, "view")
    fresh = {name: _tensors(value) for name, value in call.bound.arguments.items()}
    written, silently = set(), set()
    for name, tensors in before.arguments.items():
        for tensor, original in zip(tensors, fresh[name], strict=True):
            if tensor._version > 0:
                written.add(name)
            elif not _equal(tensor, original):
                silently.add(name)
    seen.written, seen.silently = frozenset(written), frozenset(silently)
    if any(how == "view" for _, how in seen.views.values()):
        _find_multiple_views(call, seen)


def _find_multiple_views(call: Call, seen: Observation) -> None:
    for index, (name, how) in list(seen.views.items()):
        if how != "view":
            continue
        run = _run(call, {name: list(range(len(_tensors(call.bound.arguments[name]))))})
        result = run.results[index]
        if result is not None and result.requires_grad and _raises(result.zero_, _MULTIPLE_VIEWS):
            seen.views[index] = (name, "multi")


def _run(call: Call, chosen: dict[str, list[int]], before_call: Callable[[Any], None] | None = None) -> _Run:
    """The call on fresh copies; those in `chosen` are non-leaves that require a gradient."""
    copies: dict[int, torch.Tensor] = {}
    wanted = {id(_tensors(call.bound.arguments[n])[i]) for n, indices in chosen.items() for i in indices}

    def copy(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in copies:
                fresh = value.detach().clone()
                copies[id(value)] = fresh.requires_grad_().clone() if id(value) in wanted else fresh
            return copies[id(value)]
        if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
            return type(value)(copy(item) for item in value)
        return value

    args = tuple(copy(value) for value in call.args)
    kwargs = {name: copy(value) for name, value in call.kwargs.items()}
    torch.manual_seed(0)
    returned = call.function(*args, **kwargs)
    arguments = {n: [copies[id(t)] for t in _tensors(v)] for n, v in call.bound.arguments.items()}
    if isinstance(returned, torch.Tensor):
        return _Run(arguments, [returned], False)
    if isinstance(returned, (list, tuple)):
        items = list(returned)
        if any(isinstance(item, (list, tuple)) for item in items):
            items = tree_flatten(items)[0]
        return _Run(arguments, [i if isinstance(i, torch.Tensor) else None for i in items], isinstance(returned, list))
    return _Run(arguments, [], False)


def _backward(results: Iterable[torch.Tensor | None]) -> None:
    live = [r for r in results if r is not None and r.requires_grad and r.grad_fn is not None]
    torch.manual_seed(1)
    torch.autograd.backward(live, [torch.randn_like(r) for r in live])


def _gradients(run: _Run) -> list[torch.Tensor | None]:
    inputs = [t for tensors in run.arguments.values() for t in tensors if t.requires_grad]
    for tensor in inputs:
        if tensor.grad_fn is not None:
            tensor.retain_grad()
    _backward(run.results)
    return [tensor.grad for tensor in inputs]


def _is_saved(call: Call, chosen: dict[str, list[int]], slot: Callable[[_Run], torch.Tensor | None]) -> bool:
    run = _run(call, chosen)
    tensor = slot(run)
    if tensor is None:
        return False
    increment_version(tensor)
    return _raises(lambda: _backward(run.results), _MODIFIED)


def _values_matter(
    call: Call, chosen: dict[str, list[int]], name: str, index: int, reference: list[torch.Tensor | None]
) -> bool:
    run = _run(call, chosen)
    tensor = run.arguments[name][index].data
    if tensor.dtype == torch.bool:
        tensor.logical_not_()
    elif _trackable(tensor):
        tensor.mul_(-1.7).add_(0.3)
    elif bool((tensor == 0).all()):
        return True  # no other integers are sure to be valid
    else:
        tensor.zero_()
    try:
        changed = _gradients(run)
    except RuntimeError:
        return True
    return any(
        (a is None) != (b is None) or (a is not None and b is not None and not _equal(a, b))
        for a, b in zip(changed, reference, strict=True)
    )


def _raises(action: Callable[[], object], text: str) -> bool:
    try:
        action()
    except RuntimeError as error:
        return text in str(error)
    return False


def _shares_counter(first: torch.Tensor, second: torch.Tensor) -> bool:
    if first.is_inference() or second.is_inference():
        return False
    version = first._version
    increment_version(second)
    return first._version != version


def _equal(first: torch.Tensor, second: torch.Tensor) -> bool:
    if first.shape != second.shape or first.layout != torch.strided:
        return first.layout != torch.strided
    return bool(((first == second) | ((first != first) & (second != second))).all())


def _tensors(value: object) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in _tensors(item)]
    return []


def _trackable(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()
