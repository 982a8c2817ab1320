"""torch.autograd.variable: a Variable is a tensor."""

from torch import Tensor as Variable
