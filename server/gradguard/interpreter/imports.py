"""`import`: modules of the workspace, of the prelude, and unknown ones."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.values import ModuleValue, Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.frames import ModuleScope
    from gradguard.interpreter.machine import Machine


def import_module(machine: Machine, dotted: str, importer: ModuleScope, level: int = 0) -> Value:
    """The module that `importer` means; unknown if it is neither in the workspace nor in the prelude."""
    if importer.library:
        return _prelude(machine, _absolute(importer, dotted, level))
    path = machine.resolve(importer.path, dotted, level)
    if path is not None:
        scope = machine.module_scope(path, dotted)
        if scope is not None:
            return ModuleValue(dotted, scope)
    return _prelude(machine, dotted) if level == 0 else Unknown(("module", importer.path, level, dotted))


def _absolute(importer: ModuleScope, dotted: str, level: int) -> str:
    if level == 0:
        return dotted
    parts = importer.dotted.split(".")
    package = parts if importer.path.endswith("__init__.py") else parts[:-1]
    base = package[: len(package) - (level - 1)]
    return ".".join([*base, dotted] if dotted else base)


def _prelude(machine: Machine, dotted: str) -> Value:
    scope = machine.prelude_scope(dotted)
    if scope is not None or dotted.partition(".")[0] == "torch" or machine.has_prelude_package(dotted):
        return ModuleValue(dotted, scope)
    native = machine.native_module(dotted)
    return native if native is not None else Unknown(("module", dotted))


def import_from(machine: Machine, node: ast.ImportFrom, importer: ModuleScope) -> list[tuple[str, Value]]:
    """The (name, value) pairs that a `from … import …` binds."""
    module = import_module(machine, node.module or "", importer, node.level)
    bound: list[tuple[str, Value]] = []
    for alias in node.names:
        if alias.name == "*":
            bound.extend(machine.exported(module))
            continue
        value = machine.module_attribute(module, alias.name) if isinstance(module, ModuleValue) else None
        if value is None:
            dotted = f"{node.module}.{alias.name}" if node.module else alias.name
            submodule = import_module(machine, dotted, importer, node.level)
            value = submodule if isinstance(submodule, ModuleValue) else Unknown(("import", dotted))
        bound.append((alias.asname or alias.name, value))
    return bound
