"""What one torch operator does to autograd's bookkeeping, as plain data.

The data are generated from torch's own tables and measured against torch (see `tools/facts/`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

ArgumentKind = Literal["tensor", "tensor?", "tensors", "number", "other"]
ViewKind = Literal["never", "always", "maybe", "multi"]


class Argument(NamedTuple):
    """One argument of an operator, in the order in which Python passes it (a method's receiver first).

    `type`: torch's own word for it (`Tensor`, `Scalar`, `int[2]?`, `ScalarType`), or a constant (`True`, `str=mean`) if
    the operator describes only calls with that constant. `variadic`: `x.view(2, 3)` may be written for `x.view((2, 3))`.
    """

    name: str
    kind: ArgumentKind
    keyword_only: bool = False
    required: bool = True
    type: str = ""
    variadic: bool = False


class SavedArgument(NamedTuple):
    """An argument that the operator's node keeps for its derivative.

    `only_if`: saved only if one of these arguments has a gradient edge; empty means always.
    `clone`: an in-place form that keeps a private copy of the old value, which no later write can reach.
    `values_used`: False if the derivative reads only the shape (the version is checked all the same).
    """

    name: str
    only_if: tuple[str, ...] = ()
    clone: bool = False
    values_used: bool = True


@dataclass(frozen=True, slots=True)
class Operator:
    """One overload.

    `name`: `mul.Tensor`, `exp_`; a public name (`torch.nn.functional.mse_loss`) for what torch writes in Python. What
    depends on an argument besides tensors has one entry per case, told by a suffix: `dropout[train=False]`.
    `node`: the grad_fn's name (`MulBackward0`), or None where autograd makes no node.
    `differentiable`: arguments a gradient can flow to. `differentiable_results`: per result, can it require grad.
    `saved_results`: indices of results that the node keeps, in the order in which backward checks them.
    `saves_private`: keeps, whatever needs a gradient, something that no name of the program reaches (clones in `saved`
    are not counted here), so the graph serves one backward only.
    `writes`: arguments written in place; `bumps` is False for the few writers that leave the version alone.
    `view_of`: the argument the results are views of, with `view` telling how surely. An argument in `writes` that is looked
    at otherwise from now on, with its values left alone (`t_`, `squeeze_`).
    `returns_list`: the one result is a list of tensors, as long as the arguments say (`split`); `results` is 1 then.
    `may_save`: arguments (and results: `result0`) that it keeps for some shapes or flags only: of these neither harm nor
    harmlessness may be claimed.
    `known`: False if its behaviour could not be measured: nothing may be reported about what it saves or returns.
    """

    name: str
    arguments: tuple[Argument, ...]
    results: int
    node: str | None
    differentiable: tuple[str, ...]
    differentiable_results: tuple[bool, ...]
    saved: tuple[SavedArgument, ...]
    saved_results: tuple[int, ...]
    saves_private: bool = False
    writes: tuple[str, ...] = ()
    bumps: bool = True
    view: ViewKind = "never"
    view_of: str | None = None
    returns_list: bool = False
    known: bool = True
    may_save: tuple[str, ...] = ()
