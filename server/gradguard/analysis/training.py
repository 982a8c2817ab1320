"""Models and optimizers for a training function that nothing in view calls: told from how it uses its parameters, and by their names."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from gradguard.interpreter.trees import nodes_of
from gradguard.interpreter.values import ModuleValue, Value

if TYPE_CHECKING:
    from gradguard.interpreter.machine import Machine

_MODEL = re.compile(r"model|net|critic|actor|policy|discriminator|generator|encoder|decoder|student")
_OPTIMIZER = re.compile(r"optimi[sz]ers?|optims?|opt", re.IGNORECASE)
# At the end of the name: a `loss_scaler` is none.
_CRITERION = re.compile(r"(?:criterion|loss|bce|mse|(?:^|_)ce)(?:_?(?:fn|func|function))?(?:_?[A-Za-z0-9])?$")
_ANY_MODEL = re.compile(r"models?|networks?|nets?", re.IGNORECASE)


def trained_arguments(machine: Machine, node: ast.AST) -> dict[str, Value]:
    """The models that a training function is handed, by name, with their optimizers and the functions of loss.

    Nothing if it trains nothing, or if it is handed several models and their names do not tell which optimizer is whose.
    """
    if not isinstance(node, ast.FunctionDef):
        return {}
    parameters = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    called, attributes = _uses(node)
    if not any("backward" in names for names in attributes.values()):
        return {}
    optimizers = [
        name for name in parameters if name not in called and {"step", "zero_grad"} <= attributes.get(name, set())
    ]
    models = [
        name
        for name in parameters
        if name in called
        and (
            _MODEL.search(name)
            or attributes.get(name, set()) & {"parameters", "train", "zero_grad"}
            or any(_fits(optimizer, name) for optimizer in optimizers)
        )
    ]
    owners = _owners(optimizers, models)
    if not models or owners is None:
        return {}
    values: dict[str, Value] = {}
    for name in models:
        wanted = machine.oracle.choose(("requires_grad", name), "requires_grad", name, True)
        values[name] = _made(machine, "Model", wanted)
    for name in parameters:
        if name in called and name not in values and _CRITERION.search(name):
            values[name] = _made(machine, "Criterion")
    sgd = machine.torch_class("torch.optim", "SGD")
    if sgd is not None:
        for optimizer, model in owners.items():
            trained = machine.call(machine.get_attribute(values[model], "parameters"), [], {})
            values[optimizer] = machine.call(sgd, [trained], {})
    return values


def _uses(node: ast.AST) -> tuple[set[str], dict[str, set[str]]]:
    """The names that are called with arguments, and the attributes that are asked of each name."""
    known: tuple[set[str], dict[str, set[str]]] | None = getattr(node, "gradguard_uses", None)
    if known is not None:
        return known
    called: set[str] = set()
    attributes: dict[str, set[str]] = {}
    for part in nodes_of(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            attributes.setdefault(part.value.id, set()).add(part.attr)
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.args:
            called.add(part.func.id)
    node.gradguard_uses = called, attributes  # type: ignore[attr-defined]  # kept with the tree: every path asks again
    return called, attributes


def _made(machine: Machine, stand_in: str, *arguments: Value) -> Value:
    """An instance of a class in the prelude that stands for what nobody in view has made."""
    scope = machine.prelude_scope("_gradguard_models")
    cls = machine.module_attribute(ModuleValue("_gradguard_models", scope), stand_in)
    return machine.call(cls, list(arguments), {})


def _owners(optimizers: list[str], models: list[str]) -> dict[str, str] | None:
    """The model that each optimizer steps; None if that is not clear.

    One model has the one optimizer. Of several, `netD` has `optimizerD`, `critic` has `opt_critic`, `generator` has `g_opt`.
    """
    if len(models) == 1:
        return dict.fromkeys(optimizers, models[0]) if len(optimizers) == 1 else {}
    owners: dict[str, str] = {}
    for optimizer in optimizers:
        fitting = [model for model in models if _fits(optimizer, model)]
        if len(fitting) != 1 or fitting[0] in owners.values():
            return None
        owners[optimizer] = fitting[0]
    return owners or None


def _fits(optimizer: str, model: str) -> bool:
    """Whether the names belong together, apart from what says only that one is an optimizer and the other a model."""
    one, other = (
        word.sub("", name).replace("_", "").lower() for word, name in ((_OPTIMIZER, optimizer), (_ANY_MODEL, model))
    )
    return bool(one and other) and (one.startswith(other) or other.startswith(one))
