"""A hidden state that is carried from batch to batch with its graph (GG501)."""

import torch
from torch import nn

cell = nn.RNNCell(2, 3)
optimizer = torch.optim.SGD(cell.parameters(), lr=0.1)
h = torch.zeros(4, 3)
for _ in range(3):
    h = cell(torch.randn(4, 2), h)
    optimizer.zero_grad()
    h.sum().backward()  # error: [GG501]  # raises: backward through the graph a second time
    optimizer.step()
