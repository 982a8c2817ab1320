"""Small programs that the protocol's tests speak of."""

from __future__ import annotations

HAZARD = """\
import torch

w = torch.ones(3, requires_grad=True)
y = w.exp()
y += 1
y.sum().backward()
"""
WRITE = (4, 0, 4, 6)
SAVE = (3, 4, 3, 11)
BACKWARD = (5, 0, 5, 18)
CURED = HAZARD.replace("y += 1", "y = y + 1")
