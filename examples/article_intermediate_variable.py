"""The article's second remedy: the new values get a name of their own, and the old ones stay as they were."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * 2
y_modified = y + 1
z = torch.sum(y_modified)
z.backward()
print(x.grad)  # tensor([2., 2., 2.])
