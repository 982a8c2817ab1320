"""`import`: modules of the workspace, of the prelude, and unknown ones."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter.values import Deferred, ModuleValue, Unknown, Value

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


def import_from(
    machine: Machine, node: ast.ImportFrom, importer: ModuleScope, *, deferred: bool
) -> list[tuple[str, Value]]:
    """The (name, value) pairs that a `from … import …` binds; `deferred`: values are found when the names are first read."""
    module = node.module or ""
    names: list[tuple[str, str]] = []
    for alias in node.names:
        if alias.name == "*":
            names += [(name, name) for name in machine.exported(import_module(machine, module, importer, node.level))]
        else:
            names.append((alias.asname or alias.name, alias.name))
    if deferred:
        return [(bound, Deferred(importer, module, node.level, name)) for bound, name in names]
    return [(bound, imported(machine, importer, module, node.level, name)) for bound, name in names]


def imported(machine: Machine, importer: ModuleScope, module: str, level: int, name: str) -> Value:
    """What `from module import name` means in `importer`; an Unknown if it is nothing in view."""
    source = import_module(machine, module, importer, level)
    value = machine.module_attribute(source, name) if isinstance(source, ModuleValue) else None
    if value is None:
        dotted = f"{module}.{name}" if module else name
        submodule = import_module(machine, dotted, importer, level)
        value = submodule if isinstance(submodule, ModuleValue) else Unknown(("import", dotted))
    return value


def settle_all(machine: Machine, names: dict[str, Value]) -> None:
    """As `settle`, for all that is left in `names`."""
    for name, value in list(names.items()):
        if type(value) is Deferred:
            settle(machine, names, name, value)


def settle(machine: Machine, names: dict[str, Value], name: str, waiting: Deferred) -> Value:
    """Give `name` in `names` the value that it was imported for."""
    names[name] = Unknown(("import", name))  # what modules that import each other find meanwhile
    value = names[name] = imported(machine, waiting.importer, waiting.module, waiting.level, waiting.name)
    return value
