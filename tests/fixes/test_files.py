"""Fixes that edit another file than that of the finding: where the module is made, where the tensor is saved."""

from __future__ import annotations

import pytest

from tests.fixes.offers import Project

HEAD = "import torch\n\nw = torch.ones(3, requires_grad=True)\n"


def fixed(files: dict[str, str], wanted: dict[str, str]) -> None:
    """Some fix turns just the files of `wanted` into what stands there."""
    made = Project(files).results()
    assert wanted in made.values(), made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def make():\n\treturn nn.ReLU(inplace=True)  # +\n", "def make():\n\treturn nn.ReLU()  # +\n"),
        ("from functools import partial\nmake = partial(nn.ReLU, inplace=True)\n", None),
        ("OPTIONS = {'inplace': True}\ndef make():\n    return nn.ReLU(**OPTIONS)\n", None),
        ("OPTIONS = dict(inplace=True)\ndef make():\n    return nn.ReLU(**OPTIONS)\n", None),
        ("def make(kind=nn.ReLU, inplace=True):\n    return kind(inplace)\n", None),
        ("class make(nn.Sequential):\n    def __init__(self):\n        super().__init__(nn.ReLU(True))\n", None),
        ("def make():\n    act = nn.ReLU()\n    act.inplace = True\n    return act\n", None),
    ],
)
def test_the_flag_is_dropped_where_the_module_is_made(before: str, after: str | None) -> None:
    before = f"from torch import nn\n\n{before}"
    main = "import blocks\n" + HEAD + "act = blocks.make()\ny = w.sigmoid()\nact(y).sum().backward()\n"
    if after is not None:
        fixed({"main.py": main, "blocks.py": before}, {"blocks.py": f"from torch import nn\n\n{after}"})
    else:
        changed = list(Project({"main.py": main, "blocks.py": before}).results().values())
        assert any("blocks.py" in texts and "True" not in texts["blocks.py"] for texts in changed), changed


def test_what_another_file_saves_is_copied_there() -> None:
    lib = "def score(x, scale):\n    return x * scale\n"
    main = HEAD + "import lib\nscale = torch.ones(3)\nloss = lib.score(w, scale).sum()\nscale += 1\nloss.backward()\n"
    fixed({"main.py": main, "lib.py": lib}, {"lib.py": lib.replace("* scale", "* scale.clone()")})


def test_a_write_in_another_file_is_found_and_fixed_there() -> None:
    lib = "def bump(y):\n    y += 1\n    return y\n"
    main = HEAD + "import lib\ny = lib.bump(w.exp())\ny.sum().backward()\n"
    fixed({"main.py": main, "lib.py": lib}, {"lib.py": lib.replace("y += 1", "y = y + 1")})
