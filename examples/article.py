"""The example of many articles on in-place operations. They say that it raises; torch runs it.

Multiplying by a constant saves nothing of its result, so adding in place to that result harms nobody. gradguard
puts the hint GG901 on the write and says so in its hover.
"""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * 2
y += 1
z = torch.sum(y)
z.backward()
print(x.grad)  # tensor([2., 2., 2.])
