"""Import statements find the files that Python would."""

from __future__ import annotations

import pytest

from gradguard.project.imports import resolve

FILES = {
    "/w/train.py",
    "/w/pkg/__init__.py",
    "/w/pkg/model.py",
    "/w/pkg/deep/__init__.py",
    "/w/pkg/deep/net.py",
    "/w/pkg/both.py",
    "/w/pkg/both/__init__.py",
    "/w/space/inner/thing.py",
    "/w/src/lib/__init__.py",
    "/w/src/lib/core.py",
    "/w/tests/helper.py",
    "/w/random.py",
    "/w/torch/__init__.py",
    "/w/site-packages/one/__init__.py",
    "/w/site-packages/one/part.py",
    "/w/site-packages/two.py",
}


@pytest.mark.parametrize(
    ("importer", "module", "level", "target"),
    [
        ("/w/train.py", "pkg", 0, "/w/pkg/__init__.py"),
        ("/w/train.py", "pkg.model", 0, "/w/pkg/model.py"),
        ("/w/train.py", "pkg.both", 0, "/w/pkg/both/__init__.py"),
        ("/w/train.py", "space.inner.thing", 0, "/w/space/inner/thing.py"),
        ("/w/train.py", "space", 0, None),
        ("/w/train.py", "lib.core", 0, "/w/src/lib/core.py"),
        ("/w/train.py", "numpy", 0, None),
        ("/w/tests/test_a.py", "helper", 0, "/w/tests/helper.py"),
        ("/w/tests/test_a.py", "pkg.model", 0, "/w/pkg/model.py"),
        ("/w/pkg/deep/net.py", "pkg.model", 0, "/w/pkg/model.py"),
        ("/w/pkg/deep/net.py", "net", 0, "/w/pkg/deep/net.py"),
        ("/w/pkg/deep/net.py", "model", 2, "/w/pkg/model.py"),
        ("/w/pkg/deep/net.py", "", 2, "/w/pkg/__init__.py"),
        ("/w/pkg/deep/net.py", "", 1, "/w/pkg/deep/__init__.py"),
        ("/w/pkg/model.py", "deep.net", 1, "/w/pkg/deep/net.py"),
        ("/w/pkg/model.py", "nothing", 1, None),
        ("/w/pkg/model.py", "x", 9, None),
        ("/w/space/inner/thing.py", "", 1, None),
        ("/w/random.py", "random", 0, "/w/random.py"),
        ("/w/train.py", "", 0, None),
        ("/w/train.py", "torch", 0, None),
        ("/w/site-packages/one/part.py", "one", 0, "/w/site-packages/one/__init__.py"),
        ("/w/site-packages/one/part.py", "two", 0, None),
        ("/w/train.py", "pkg..model", 0, None),
        ("/w/train.py", "../pkg", 0, None),
    ],
)
def test_resolve(importer: str, module: str, level: int, target: str | None) -> None:
    assert resolve(importer, module, level, ["/w"], FILES.__contains__) == target


def test_a_module_also_sees_its_neighbours_as_a_script_run_beside_them_would() -> None:
    assert resolve("/w/pkg/model.py", "deep.net", 0, ["/w"], FILES.__contains__) == "/w/pkg/deep/net.py"
