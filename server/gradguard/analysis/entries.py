"""Where an analysis starts: the module's own top level, then whatever nothing in view has called."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from gradguard.analysis.parameters import invented_arguments
from gradguard.analysis.reach import Reach
from gradguard.interpreter import scopes
from gradguard.interpreter.budget import never
from gradguard.interpreter.frames import MISSING, Frame, ModuleScope
from gradguard.interpreter.statements import HOLE
from gradguard.interpreter.torch.functions import apply_function
from gradguard.interpreter.values import BoundMethod, ClassValue, FunctionValue, Instance, Raised, Unknown, Value
from gradguard.tape.tensor import Tensor
from gradguard.text.tables import Table, version_after

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine
    from gradguard.text.chunks import Chunk
    from gradguard.text.source import SourceFile

MODULE = "<module>"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """`name`: MODULE, `function`, or `Class.method`. `node`: its definition, None for the module. `rank`: when it is run, 0 first."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    chunk: Chunk | None = None
    rank: int = -1

    @property
    def turn(self) -> tuple[int, int]:
        """What they are run in the order of: the rank, then the place in the newest version of the file."""
        if self.chunk is None or self.node is None:
            return self.rank, 0
        return self.rank, self.chunk.start_line + self.node.lineno


_turn = attrgetter("turn")


class Entries:
    """All entries that a file might need.

    `known`: those of another version of the file, from which what stays the same is taken over. `gone`, `came`: the names that are not,
    and those that were not, among them. `alike`: whether the others stand in the order in which they stood there. Raises Interrupted, as
    `Reach` does.
    """

    def __init__(
        self, source: SourceFile, known: Entries | None = None, interrupted: Callable[[], bool] = never
    ) -> None:
        self._reach: Reach = Reach(source, known._reach if known is not None else None, interrupted)
        reach = self._reach
        self._functions: Table[Chunk, tuple[Entry, ...]] = version_after(
            known._functions if known is not None else None
        )
        self._named: Table[str, tuple[Entry, ...]] = version_after(known._named if known is not None else None)
        self._acting: Table[Chunk, None] = version_after(known._acting if known is not None else None)
        gone = [entry for chunk in (*reach.removed, *reach.renewed) for entry in self._functions.pop(chunk, ())]
        for chunk in (*reach.removed, *reach.renewed):
            self._acting.pop(chunk, None)
        for chunk in reach.renewed:
            if found := reach.leading(chunk):
                self._functions[chunk] = tuple(Entry(each.name, each.node, chunk, _rank(each.name)) for each in found)
            if _is_code(chunk) and (_acts(chunk) or reach.touched_by(chunk)):
                self._acting[chunk] = None
        came = [entry for chunk in reach.renewed for entry in self._functions.get(chunk, ())]
        before, now = [entry.name for entry in gone], [entry.name for entry in came]
        several = any(len(self._named.get(name, ())) > 1 for name in before)
        for entry in gone:
            self._name(entry.name, [each for each in self._named[entry.name] if each is not entry])
        for entry in came:
            self._name(entry.name, [*self._named.get(entry.name, ()), entry])
        several = several or any(len(self._named[name]) > 1 for name in now)
        self.gone, self.came = {*before} - {*now}, {*now} - {*before}
        # Whether the module and whether functions are run.
        self._kinds = bool(self._acting), reach.about_torch
        self.alike: bool = (
            known is not None
            and known._kinds == self._kinds
            and not several
            and [name for name in before if name not in self.gone] == [name for name in now if name not in self.came]
        )

    @cached_property
    def order(self) -> list[Entry]:
        """In the order in which they are run; a covered one is left out then."""
        names = self._named if self._reach.about_torch else ()
        return self.in_order([MODULE, *names])

    def in_order(self, names: Iterable[str]) -> list[Entry]:
        """Those of `names` that are entries, in the order in which they are run."""
        return sorted((entry for name in names if (entry := self.get(name)) is not None), key=_turn)

    def get(self, name: str) -> Entry | None:
        """The entry of that name; of several the last one counts, as in Python."""
        if name == MODULE:
            return Entry(MODULE) if self._acting else None
        found: tuple[Entry, ...] = self._named.get(name, ()) if self._reach.about_torch else ()
        return found[0] if len(found) == 1 else max(found, key=_turn, default=None)

    def _name(self, name: str, entries: Sequence[Entry]) -> None:
        if entries:
            self._named[name] = tuple(entries)
        else:
            del self._named[name]


def is_forward(name: str) -> bool:
    """Whether the result of the entry `name` is ordinarily backpropagated: a module's forward, a training step, a loss.

    A plain object that is called may as well prepare data.
    """
    owner, _, last = name.lower().rpartition(".")
    return last in ("forward", "training_step") or "loss" in last or (last == "__call__" and "loss" in owner)


def is_inner(entry: Entry) -> bool:
    """Whether it is a private method that its own class uses: when it is called, and in which grad mode, is up to the class.

    It is an entry only where no run has come to that call, so that the way to it is not known.
    """
    owner, _, last = entry.name.rpartition(".")
    if not owner or entry.chunk is None or not last.startswith("_") or last.endswith("__"):
        return False
    parts = (part for statement in entry.chunk.tree for part in ast.walk(statement))
    return any(isinstance(part, ast.Attribute) and part.attr == last for part in parts)


def _rank(name: str) -> int:
    """Callers before callees: what trains, then what a module computes, then the rest."""
    last = name.rpartition(".")[2]
    if last in ("main", "train", "fit", "training_step", "run", "learn"):
        return 0
    if last in ("forward", "__call__"):
        return 1
    return 3 if last.startswith("_") else 2


_DECLARATION = ("def ", "async def ", "class ", "@", "import ", "from ", '"', "'", "#")
_SETUP = frozenset(("logging", "logger", "_logger", "log", "warnings", "sys", "os", "__all__", HOLE))
_REGISTERS = re.compile(
    r"_?register|add_argument$|append$|extend$|insert$|(?:manual_|set_)?seed|set_\w*(?:type|threads)$|filterwarnings$"
)


def _is_code(chunk: Chunk) -> bool:
    """Whether it is a statement that does more than define or import, told from its first line."""
    return not chunk.lines or not chunk.lines[0].startswith(_DECLARATION)


def _acts(chunk: Chunk) -> bool:
    """Whether the statement is there for what it does, not for the names that it binds."""
    return any(_is_action(node) for node in chunk.tree)


def _is_action(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call) and not _sets_up(node.value.func)
    if isinstance(node, ast.If):
        return scopes.is_main_guard(node) or any(_is_action(inner) for inner in (*node.body, *node.orelse))
    if isinstance(node, ast.Try):
        return any(_is_action(inner) for inner in (*node.body, *node.orelse, *node.finalbody))
    return isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.AugAssign | ast.Match)


def _sets_up(callee: ast.expr) -> bool:
    """Whether a call by this name registers or configures something."""
    last = callee.attr if isinstance(callee, ast.Attribute) else ""
    while isinstance(callee, ast.Attribute):
        callee = callee.value
    root = callee.id if isinstance(callee, ast.Name) else ""
    return root in _SETUP or _REGISTERS.match(last or root) is not None


def run_entry(machine: Machine, entry: Entry, source: SourceFile) -> None:
    """Run one entry on one path; what is found is left in the machine."""
    try:
        if entry.node is None:
            _run_module(machine, source)
        else:
            _run_function(machine, entry, source)
    except Raised as raised:
        place = machine.stack[-1].node if machine.stack else None
        line = getattr(place, "lineno", 0)
        args = raised.value.attributes.get("args") if isinstance(raised.value, Instance) else ""
        machine.note(f"{entry.name}: leaves with {raised.name} {args} near relative line {line}")


def _run_module(machine: Machine, source: SourceFile) -> None:
    scope = ModuleScope(source.path, "__main__", source, lazy=False, library=False)
    machine.adopt(scope)
    frame: Frame | None = None
    for chunk in source.chunks:
        if frame is None:
            frame = Frame(scope, chunk)
            frame.locals = scope.names
            machine.stack.append(frame)
        frame.chunk = chunk
        machine.run(chunk.tree, frame)


def _run_function(machine: Machine, entry: Entry, source: SourceFile) -> None:
    scope = ModuleScope(source.path, scopes_name(source.path), source, lazy=True, library=False)
    machine.adopt(scope)
    assert entry.chunk is not None and entry.node is not None
    frame = Frame(scope, entry.chunk)
    frame.locals = scope.names
    machine.stack.append(frame)
    owner_name, _, name = entry.name.rpartition(".")
    found = scopes.global_name(machine, scope, owner_name or name)
    if owner_name and isinstance(found, ClassValue):
        callee = _method(machine, found, name)
    else:
        callee = found
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if found is MISSING or not isinstance(function, FunctionValue) or function.node is not entry.node:
        return
    frame.node = entry.node
    applied = name == "forward" and isinstance(found, ClassValue) and _is_autograd_function(machine, found)
    bound = isinstance(callee, BoundMethod) or (applied and found.lookup("setup_context") is None)
    args, kwargs = invented_arguments(machine, function, skip=1 if bound else 0)
    before = machine.backwards
    result = apply_function(machine, found, args, kwargs) if applied else machine.call(callee, args, kwargs)
    if machine.backwards == before and machine.tape.grad_mode and is_forward(entry.name):
        assume_backward(machine, entry.node, frame, result)


def _is_autograd_function(machine: Machine, cls: ClassValue) -> bool:
    """Whether `cls` is a custom `autograd.Function`, whose forward torch calls with grad mode off."""
    function = machine.torch_class("torch.autograd", "Function")
    return function is not None and cls.has_base(function)


def scopes_name(path: str) -> str:
    """The module name of a file that is analysed on its own."""
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".py")


def _method(machine: Machine, cls: ClassValue, name: str) -> Value:
    """A bound method of an instance made for the purpose, its constructor's arguments invented."""
    found = cls.lookup(name)
    if not isinstance(found, FunctionValue):
        return machine.unwrapped(found) if found is not None else Unknown()
    initialiser = cls.lookup("__init__")
    instance = Instance(cls)
    if name == "__init__":
        return BoundMethod(found, instance)
    if isinstance(initialiser, FunctionValue):
        args, kwargs = invented_arguments(machine, initialiser, skip=1, tensors=False)
        instance = machine.call(cls, args, kwargs)
    else:
        instance = machine.call(cls, [], {})
    machine.tensors.fills.forget()  # the method may be called at any time, on buffers with any contents
    return BoundMethod(found, instance)


def assume_backward(machine: Machine, node: ast.AST, frame: Frame, result: Value) -> None:
    """The result of an entry is taken to be backpropagated."""
    roots = [tensor for tensor in tensors_in(result) if tensor.requires_grad]
    if not roots:
        return
    frame.node = node
    site = machine.site("assumed")
    machine.tape.backward(roots, site, gradients=roots)
    machine.report_hazards()


def tensors_in(value: Value, depth: int = 3) -> list[Tensor]:
    """The tensors in a result: itself, or in containers and objects a few levels down."""
    if isinstance(value, Tensor):
        return [value]
    parts: list[Value] = []
    if isinstance(value, list | tuple):
        parts = list(value)
    elif isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, Instance):
        parts = list(value.attributes.values())
    found: list[Tensor] = []
    if depth:
        for part in parts[:32]:
            found.extend(tensor for tensor in tensors_in(part, depth - 1) if tensor not in found)
    return found
