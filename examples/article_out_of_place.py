"""The article's first remedy: an operation that makes a new tensor. Nothing is written in place any more."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = torch.add(x * 2, 1)
z = torch.sum(y)
z.backward()
print(x.grad)  # tensor([2., 2., 2.])
