"""Which lines wrote what backward needed: found by watching torch, with no knowledge of gradguard.

The program is run again. Hooks see each tensor that autograd saves, and the saved copy in their hands switches
torch's own version check off, so the run goes on; a trace function looks, line by line of the program, which saved
tensors' versions or values have moved. A save that backward reads after it moved is the mistake, and the lines at
which it moved are the offending writes. Views are followed in the same way, for those that may not be written at all.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch.autograd.graph import saved_tensors_hooks

from tests.oracle.reports import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from tests.oracle.execution import Execution, Namespace

Line = tuple[str, int]


def witness(execution: Execution) -> Witness:
    """Run the program once as it is and once instrumented, and say what the second run saw."""
    names, raised = execution.run()
    plain = _gradients(names)
    watch = _Watch(execution)
    sys.settrace(watch.trace)
    try:
        with saved_tensors_hooks(watch.save, watch.read), watch.backwards():
            names, _ = execution.run()
    finally:
        sys.settrace(None)
    copied = _gradients(names)
    return Witness(
        moved=tuple(watch.moved),
        changed=tuple(watch.changed),
        forbidden=tuple(dict.fromkeys(watch.forbidden)),
        backwards=tuple(dict.fromkeys(watch.propagated)),
        gradients_differ=raised is None and not _same(plain, copied),
    )


@dataclass
class _Saved:
    """A saved tensor: the tensor itself, which later writes and assignments to `.data` reach, and a copy that they do not."""

    alias: torch.Tensor
    copy: torch.Tensor
    version: int
    saved_at: Line
    version_lines: list[Line] = field(default_factory=list)
    value_lines: list[Line] = field(default_factory=list)
    seen_version: int = 0
    seen_value: torch.Tensor | None = None


@dataclass
class _View:
    """A view, and the version at which its family was last seen."""

    tensor: torch.Tensor
    seen_version: int


class _Watch:
    """Follows the saved tensors through the lines of the program."""

    def __init__(self, execution: Execution) -> None:
        self._name_of = execution.name_of
        self._saved: list[_Saved] = []
        self._originals: dict[int, _Saved] = {}
        self._line: Line = ("", 0)
        self.moved: list[Line] = []
        self.changed: list[Line] = []
        self.propagated: list[Line] = []
        self.forbidden: list[Line] = []
        self._views: dict[int, _View] = {}

    @contextlib.contextmanager
    def backwards(self) -> Iterator[None]:
        """Note the lines that call backward."""
        backward, grad = torch.autograd.backward, torch.autograd.grad

        def noting(function: Callable[..., Any]) -> Callable[..., Any]:
            def noted(*arguments: Any, **named: Any) -> Any:
                self.propagated.append(self._line)
                return function(*arguments, **named)

            return noted

        torch.autograd.backward, torch.autograd.grad = noting(backward), noting(grad)
        try:
            yield
        finally:
            torch.autograd.backward, torch.autograd.grad = backward, grad

    def trace(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        name = self._name_of(frame.f_code.co_filename)
        if name is None:
            return None
        self._look()
        caller = frame.f_back if event == "return" else None
        while caller is not None and self._name_of(caller.f_code.co_filename) is None:
            caller = caller.f_back
        if caller is not None:
            self._line = (self._name_of(caller.f_code.co_filename) or "", caller.f_lineno)
        elif event != "return":
            self._line = (name, frame.f_lineno)
        return self.trace

    def save(self, tensor: torch.Tensor) -> _Saved:
        # A backward with create_graph saves what it was handed here: the copy stands for the tensor it was taken from.
        known = self._originals.get(_memory(tensor))
        alias = tensor if known is None else known.alias
        version = 0 if alias.is_inference() else alias._version
        saved = _Saved(alias, tensor.detach().clone(), version, self._line, seen_version=version)
        saved.seen_value = alias.detach().clone()
        self._saved.append(saved)
        self._originals[_memory(saved.copy)] = saved
        return saved

    def read(self, saved: _Saved) -> torch.Tensor:
        self._look()
        if not self.moved and saved.version_lines:
            self.moved = list(dict.fromkeys(saved.version_lines))
        if not self.changed and not saved.version_lines and saved.value_lines:
            self.changed = list(dict.fromkeys(saved.value_lines))
        return saved.copy

    def _look(self) -> None:
        self._look_at_views()
        with torch.no_grad():
            for saved in self._saved:
                if saved.alias.is_inference():
                    continue
                version = saved.alias._version
                if version != saved.seen_version:
                    saved.seen_version = version
                    saved.version_lines.append(self._line)
                elif not _equal(saved.alias, saved.seen_value):
                    # Batch normalisation saves its running averages and then moves them: that is no write of the program.
                    if self._line != saved.saved_at:
                        saved.value_lines.append(self._line)
                else:
                    continue
                saved.seen_value = saved.alias.detach().clone()

    def _look_at_views(self) -> None:
        for tensor in _alive():
            if tensor._is_view() and not tensor.is_inference() and id(tensor) not in self._views:
                self._views[id(tensor)] = _View(tensor, tensor._version)
        for view in self._views.values():
            if view.tensor._version != view.seen_version:
                view.seen_version = view.tensor._version
                meta = torch._C._autograd._get_creation_meta(view.tensor)
                if meta != torch._C._autograd.CreationMeta.DEFAULT:
                    self.forbidden.append(self._line)


def _memory(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _alive() -> list[torch.Tensor]:
    return [thing for thing in gc.get_objects() if type(thing) in (torch.Tensor, torch.nn.Parameter)]


def _gradients(names: Namespace) -> list[torch.Tensor]:
    """The gradients that a run left; `names` keeps its objects alive."""
    gc.collect()
    with torch.no_grad():
        found = [
            t.grad.detach().flatten().double()
            for t in _alive()
            if not t._is_view() and t.is_leaf and t.grad is not None
        ]
    return sorted(found, key=lambda g: (g.numel(), float(g.sum()), float(g.abs().sum())))


def _same(some: list[torch.Tensor], others: list[torch.Tensor]) -> bool:
    return len(some) == len(others) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True)
        for a, b in zip(some, others, strict=True)
    )


def _equal(some: torch.Tensor, other: torch.Tensor | None) -> bool:
    return other is not None and some.shape == other.shape and bool(((some == other) | (some != some)).all())
