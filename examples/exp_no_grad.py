"""`torch.no_grad()` does not help where the tensor was saved (GG101).

It stops recording; the write still moves the version counter of the very memory that `exp` saved.
"""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x.exp()
with torch.no_grad():
    y += 1  # error: [GG101]
z = torch.sum(y)
z.backward()  # raises: modified by an inplace operation
