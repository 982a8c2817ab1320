"""Which public names of torch neither the prelude nor the catalog nor the interpreter knows."""

from __future__ import annotations

import inspect
import types
from importlib import import_module

import pytest

from gradguard.interpreter.scopes import index_of, is_prelude_package, prelude_source
from gradguard.interpreter.torch.natives import torch_natives
from gradguard.torchfacts.catalog import Catalog

# Left unknown on purpose: a call of one is a call of something out of view.
UNKNOWN = {
    "torch.nn": "",
    "torch.nn.functional": "",
    "torch.nn.init": "",
    "torch.nn.utils": "",
    "torch.optim": "",
    "torch.optim.lr_scheduler": "",
    "torch.distributions": "",
    "torch.autograd": "",
    "torch.utils.data": "",
    "torch.utils.checkpoint": "",
}


@pytest.mark.parametrize("module", UNKNOWN)
def test_public_names_are_known(module: str) -> None:
    missing = {name for name in _public(module) if not _known(module, name)}
    assert missing == set(UNKNOWN[module].split())


def _public(module: str) -> set[str]:
    """Functions and classes that the module offers and that are defined in it or below it."""
    found = set()
    for name, value in vars(import_module(module)).items():
        function = isinstance(value, types.FunctionType | types.BuiltinFunctionType)
        if not name.startswith("_") and (function or inspect.isclass(value)):
            if (getattr(value, "__module__", None) or module).startswith(module):
                found.add(name)
    return found


def _known(module: str, name: str) -> bool:
    dotted = f"{module}.{name}"
    source = prelude_source(module)
    if source is not None and name in index_of(source[0]):
        return True
    if prelude_source(dotted) is not None or is_prelude_package(dotted):
        return True
    return dotted in torch_natives() or bool(Catalog.load().candidates(dotted))
