"""Gradient descent by hand that forgets `torch.no_grad()` (GG201)."""

import torch

w = torch.randn(3, requires_grad=True)
loss = (w**2).sum()
loss.backward()
w -= 0.1 * w.grad  # error: [GG201]  # raises: a leaf Variable that requires grad
