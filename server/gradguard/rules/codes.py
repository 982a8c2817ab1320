"""The rules' codes and names. A name reads well after "allow": it names the mistake, not the cure."""

from __future__ import annotations

from typing import Final

RULE_NAMES: Final = {
    "GG101": "saved-tensor-overwritten",
    "GG102": "parameter-updated-before-backward",
    "GG103": "inplace-module-overwrites-saved",
    "GG104": "overwritten-across-iterations",
    "GG105": "saved-tensor-detached",
    "GG201": "leaf-written",
    "GG202": "view-of-leaf-written",
    "GG203": "multi-output-view-written",
    "GG204": "overlapping-memory-written",
    "GG205": "inference-tensor-written",
    "GG206": "no-grad-view-written",
    "GG301": "data-write-corrupts-gradient",
    "GG302": "numpy-alias-corrupts-gradient",
    "GG401": "custom-function-inplace",
    "GG402": "gradient-written",
    "GG501": "backward-twice",
    "GG901": "safe-inplace",
}
