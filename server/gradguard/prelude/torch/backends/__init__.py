"""torch.backends: switches that change speed, not gradients."""
# ruff: noqa: I001

from torch.backends import cuda
from torch.backends import cudnn
from torch.backends import mps
