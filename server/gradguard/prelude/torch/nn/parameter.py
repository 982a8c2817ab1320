"""torch.nn.parameter."""

from torch.nn import Buffer, Parameter
from torch.nn import Parameter as UninitializedParameter


def is_lazy(param):
    return False
