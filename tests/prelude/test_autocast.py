"""The operators that autocast runs in lower precision are those of torch's own list."""

from __future__ import annotations

import re
from pathlib import Path

import torch

from gradguard.interpreter.torch.autocast import LOWERED


def test_the_operators_are_torch_s() -> None:
    header = (Path(torch.__file__).parent / "include/ATen/autocast_mode.h").read_text(encoding="utf-8")
    listed = header.partition("#define AT_FORALL_LOWER_PRECISION_FP(_)")[2].partition("#define")[0]
    assert set(re.findall(r"_\((\w+)", listed)) == LOWERED
