"""The names of modules: which statements bind a name, and running those when it is first needed."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from gradguard.interpreter import imports
from gradguard.interpreter.frames import MISSING, Frame, ModuleScope
from gradguard.interpreter.values import Deferred, ModuleValue, OperatorFunction, Raised, Value
from gradguard.text.chunks import Chunk
from gradguard.text.source import SourceFile

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine
    from gradguard.torchfacts.catalog import Catalog

EVERY_NAME = "every name"
"""Read, in place of a name, by what asks which names a module has."""

PRELUDE = Path(__file__).parent.parent / "prelude"
_DEFINITION = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)")
_IMPORT = re.compile(r"from\s+[\w.]+\s+import\s+(\w+)\s*")

_bindings: WeakKeyDictionary[Chunk, frozenset[str]] = WeakKeyDictionary()
_indexes: WeakKeyDictionary[SourceFile, dict[str, tuple[Chunk, ...]]] = WeakKeyDictionary()
_headers: WeakKeyDictionary[Chunk, str] = WeakKeyDictionary()


def names_bound(chunk: Chunk) -> frozenset[str]:
    """The module-level names that `chunk` binds; a plain definition or import is recognised without parsing it."""
    names = _bindings.get(chunk)
    if names is None:
        plain = _name_bound_plainly(chunk)
        names = _bindings[chunk] = chunk.binds if plain is None else frozenset((plain,))
    return names


def _name_bound_plainly(chunk: Chunk) -> str | None:
    """The one name that the text shows to be bound, if it is that easy."""
    first = next((line for line in chunk.lines if not line.startswith(("@", " ", "\t", "#", ")"))), "")
    definition = _DEFINITION.match(first)
    if definition is not None:
        return None if any("global " in line for line in chunk.lines) else definition.group(1)
    imported = _IMPORT.fullmatch(first) if len(chunk.lines) == 1 else None
    return None if imported is None else imported.group(1)


def index_of(source: SourceFile, like: SourceFile | None = None) -> dict[str, tuple[Chunk, ...]]:
    """Each module-level name of `source` with the statements that bind it, in order.

    `like`: another version of the file; the names that its statements bind in the same way are taken over.
    """
    known = _indexes.get(source)
    if known is not None:
        return known
    index = _indexed(source.chunks) if like is None else _reindexed(like, source)
    _indexes[source] = index
    return index


def _indexed(chunks: Iterable[Chunk]) -> dict[str, tuple[Chunk, ...]]:
    binding: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        for name in names_bound(chunk):
            binding.setdefault(name, []).append(chunk)
    return {name: tuple(chunks) for name, chunks in binding.items()}


def _reindexed(before: SourceFile, now: SourceFile) -> dict[str, tuple[Chunk, ...]]:
    """The index of `now`, given the one of `before`."""
    index = dict(index_of(before))
    old, new = now.differing(before)
    gone, came = set(old), _indexed(new)
    for name in {*_indexed(old), *came}:
        binding = {*(chunk for chunk in index.pop(name, ()) if chunk not in gone), *came.get(name, ())}
        if binding:
            index[name] = (
                tuple(binding) if len(binding) == 1 else tuple(chunk for chunk in now.chunks if chunk in binding)
            )
    return index


def names_changed(before: SourceFile, now: SourceFile) -> set[str]:
    """The module-level names that other statements bind `now`; EVERY_NAME if there are other names."""
    old, new = index_of(before), index_of(now, before)
    bound = {name for stretch in now.differing(before) for chunk in stretch for name in names_bound(chunk)}
    changed = {name for name in bound if old.get(name) != new.get(name)}
    return {*changed, EVERY_NAME} if any((name in old) is not (name in new) for name in changed) else changed


def _index(scope: ModuleScope) -> dict[str, tuple[Chunk, ...]]:
    if scope.index is None:
        scope.index = index_of(scope.source)
    return scope.index


def header_of(chunk: Chunk) -> str | None:
    """What running a definition without calling it depends on; None for a statement that does more than define."""
    header = _headers.get(chunk)
    if header is None:
        header = _header(chunk)
        _headers[chunk] = header
    return header or None


def _header(chunk: Chunk) -> str:
    if len(chunk.tree) != 1:
        return ""
    return _outline(chunk.tree[0])


def _outline(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        decorators = " ".join(ast.unparse(d) for d in node.decorator_list)
        return f"{decorators} def {node.name}({ast.unparse(node.args)})"
    if isinstance(node, ast.ClassDef):
        head = " ".join(ast.unparse(part) for part in (*node.decorator_list, *node.bases, *node.keywords))
        body = ";".join(_outline(inner) or ast.unparse(inner) for inner in node.body)
        return f"class {node.name}({head}): {body}"
    return ""


@lru_cache(maxsize=512)
def prelude_source(dotted: str) -> tuple[SourceFile, str] | None:
    """The prelude's model of module `dotted`, or None."""
    base = PRELUDE.joinpath(*dotted.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return SourceFile(str(path), path.read_text(encoding="utf-8")), str(path)
    return None


@lru_cache(maxsize=512)
def is_prelude_package(dotted: str) -> bool:
    """Whether the prelude has modules below `dotted`, if perhaps no model of it."""
    return PRELUDE.joinpath(*dotted.split(".")).is_dir()


def global_name(machine: Machine, scope: ModuleScope, name: str) -> Value:
    """The value of a module-level name, or MISSING; in a lazy module the statements that bind it are run now."""
    if name in scope.settled:
        return scope.settled[name]
    if scope.lazy:
        index = _index(scope)
        chunks = index.get(name, ())
        if not scope.library:
            machine.reads.names[(scope.path, name)] = chunks
            if not chunks:
                machine.reads.names[(scope.path, "*")] = index.get("*", ())
        for chunk in chunks or index.get("*", ()):
            if chunk not in scope.executed and chunk not in scope.pending:
                run_chunk(machine, scope, chunk)
    value = scope.names.get(name, MISSING)
    if type(value) is Deferred:
        value = imports.settle(machine, scope.names, name, value)
    if scope.library and not scope.pending:
        scope.settled[name] = value
    return value


def run_chunk(machine: Machine, scope: ModuleScope, chunk: Chunk) -> None:
    """Run one top-level statement of a lazy module: of the prelude outside the budget, of an imported module within its allowance."""
    scope.pending.add(chunk)
    steps = machine.steps
    frame = Frame(scope, chunk)
    frame.locals = scope.names
    machine.stack.append(frame)
    allowance = machine.budget.steps if scope.path == machine.path else machine.budget.definition
    try:
        with machine.allowed(sys.maxsize if scope.library else allowance) as spent:
            machine.run([node for node in chunk.tree if not is_main_guard(node)], frame)
        if spent:
            machine.note(f"{scope.dotted}: it takes too long to define {', '.join(sorted(names_bound(chunk)))}")
        scope.executed.add(chunk)
    except Raised:
        scope.executed.add(chunk)
        raise
    finally:
        machine.stack.pop()
        scope.pending.discard(chunk)
        if scope.library:
            machine.steps = steps


def is_main_guard(node: ast.stmt) -> bool:
    """`if __name__ == "__main__":`"""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))
    )


def module_attribute(machine: Machine, module: ModuleValue, name: str) -> Value | None:
    """`module.name`: defined in it, a submodule, or an operator of the catalog; None if there is no such thing in view."""
    scope = module.scope
    if scope is not None:
        if scope.library or name in _index(scope):
            value = global_name(machine, scope, name)
        else:  # a submodule is surely meant before what an `import *` may bring
            value = _submodule(machine, module, scope, name) or global_name(machine, scope, name)
        if value is not MISSING:
            return value
        if not scope.library:
            return _submodule(machine, module, scope, name)
    dotted = f"{module.dotted}.{name}"
    inner = machine.prelude_scope(dotted)
    if inner is not None or is_prelude_package(dotted):
        return ModuleValue(dotted, inner)
    if module.dotted.partition(".")[0] == "torch":
        return torch_name(machine, dotted)
    return None


def _submodule(machine: Machine, module: ModuleValue, scope: ModuleScope, name: str) -> ModuleValue | None:
    dotted = f"{module.dotted}.{name}"
    path = machine.resolve(scope.path, dotted, 0)
    inner = machine.module_scope(path, dotted) if path is not None else None
    return ModuleValue(dotted, inner) if inner is not None else None


def torch_name(machine: Machine, dotted: str) -> Value | None:
    """A name of torch that no prelude module defines: a native class or constant, or an operator."""
    native = machine.torch_natives.get(dotted)
    if native is not None:
        return native
    if machine.catalog.candidates(dotted):
        return OperatorFunction(dotted)
    return ModuleValue(dotted, None) if dotted in namespaces_of(machine.catalog) else None


@lru_cache(maxsize=4)
def namespaces_of(catalog: Catalog) -> frozenset[str]:
    """The modules that exist only as prefixes of operators' public names (`torch.linalg`)."""
    return frozenset(name.rpartition(".")[0] for name in catalog.public_names())


def exported(machine: Machine, module: Value) -> list[str]:
    """The names that `from module import *` binds."""
    if not isinstance(module, ModuleValue) or module.scope is None:
        return []
    scope = module.scope
    if not scope.library:
        machine.reads.names[(scope.path, EVERY_NAME)] = ()
    bound = (name for chunk in scope.source.chunks for name in sorted(names_bound(chunk)))
    names = list(dict.fromkeys(bound)) if scope.lazy else list(scope.names)
    listed = global_name(machine, scope, "__all__") if "__all__" in names else None
    if isinstance(listed, list) and all(isinstance(n, str) for n in listed):
        names = listed
    return [name for name in names if not name.startswith("_") and name != "*"]
