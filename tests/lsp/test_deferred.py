"""lsprotocol's classes are the same whether attrs finishes them when they are declared or when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOAD = """
import random
import re
import sys

seed = int(sys.argv[1])
if seed:
    from gradguard.lsp.deferred import load_types
    load_types()

import attrs
from lsprotocol import types
from gradguard.lsp.converter import strict_converter

converter = strict_converter()
classes = [kind for kind in types.ALL_TYPES_MAP.values() if isinstance(kind, type) and kind.__module__ == types.__name__]
random.Random(seed).shuffle(classes)
"""

DESCRIBE = """
def hook_for(kind):
    try:
        hook = converter.get_structure_hook(kind)
    except Exception as error:
        return repr(error)
    hook = getattr(hook, "func", hook)
    return getattr(hook, "__qualname__", type(hook))

def described(field):
    validator = re.sub(" at 0x[0-9a-f]+", "", repr(field.validator))
    return field.name, field.type, field.default, field.init, field.kw_only, validator, hook_for(field.type)

def line_for(kind):
    own = [name for name in ("__eq__", "__repr__", "__hash__", "__setattr__") if vars(kind).get(name)]
    return f"{kind.__name__} {[described(field) for field in attrs.fields(kind)]} {kind.__match_args__} {own}"

print("\\n".join(sorted(line_for(kind) for kind in classes if attrs.has(kind))))
"""

COUNT = """
print(sum(isinstance(vars(kind).get("__attrs_attrs__"), tuple) for kind in classes))
"""

RACE = """
from threading import Barrier, Thread

sys.setswitchinterval(1e-6)
barrier = Barrier(4)
wrong = []

def use():
    for kind in classes:
        barrier.wait()
        try:
            if attrs.has(kind):
                kind(**{field.alias: field.default for field in attrs.fields(kind) if field.init})
        except (TypeError, ValueError):
            pass  # a validator of the class wants something else
        except Exception as error:
            wrong.append((kind, error))

threads = [Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(wrong)
"""


def run(script: str, seed: int) -> str:
    command = [sys.executable, "-c", LOAD + script, str(seed)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("seed", [1, 2])
def test_the_classes_are_the_same_in_whatever_order_they_are_used(seed: int) -> None:
    at_once = run(DESCRIBE, 0)
    assert len(at_once.splitlines()) > 500
    assert run(DESCRIBE, seed) == at_once


def test_only_what_is_used_is_finished() -> None:
    assert int(run(COUNT, 0)) > 500
    assert int(run(COUNT, 1)) < 20


def test_threads_that_use_a_class_at_once_find_it_finished() -> None:
    assert run(RACE, 1) == "[]\n"
