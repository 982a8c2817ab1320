"""A module made with `inplace=True` overwrites what the layer before it saved (GG103)."""

import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(4, 4)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        gate = torch.sigmoid(self.project(x))
        return self.act(gate) * x  # error: [GG103]


gate = Gate()
gate(torch.randn(3, 4)).sum().backward()  # raises: modified by an inplace operation
