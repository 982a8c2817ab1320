"""The article's example with `exp` instead of `* 2`: this one raises (GG101).

The derivative of `exp` is its own result, so the result is saved; adding to it in place moves the version counter.
"""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x.exp()
y += 1  # error: [GG101]
z = torch.sum(y)
z.backward()  # raises: modified by an inplace operation
