"""A recurrence that fills the rows of one tensor: each write overwrites memory that an earlier step saved (GG104)."""

import torch

w = torch.randn(3, 3, requires_grad=True)
states = torch.zeros(5, 3)
states[0] = torch.ones(3)
for t in range(4):
    states[t + 1] = torch.tanh(w @ states[t])  # error: [GG104]
states.sum().backward()  # raises: modified by an inplace operation
