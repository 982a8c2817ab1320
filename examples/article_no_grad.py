"""The article's third remedy: the write under `torch.no_grad()`.

It is harmless here for the same reason as the write without it: nothing had saved `y`. Adding a constant changes no
gradient, so the result is right although autograd never sees the write. See `exp_no_grad.py` for where it does not help.
"""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * 2
with torch.no_grad():
    y += 1
z = torch.sum(y)
z.backward()
print(x.grad)  # tensor([2., 2., 2.])
