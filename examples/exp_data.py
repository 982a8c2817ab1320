"""`.data` silences torch and spoils the gradient (GG301): it shares the memory and not the version counter."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x.exp()
y.data += 1  # error: [GG301]
z = torch.sum(y)
z.backward()  # wrong gradient: x
print(x.grad)  # one too large everywhere: the derivative was computed from the overwritten result
