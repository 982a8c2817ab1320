"""What stands for a model or an optimizer that is handed to a function nobody in view calls."""

import _gradguard as gg
import torch
from torch import nn


class Model(nn.Module):
    """A network of two layers, the least for which backward needs a weight."""

    def __init__(self, trained):
        self.first = gg.parameter(gg.new_tensor(None), trained)
        self.last = gg.parameter(gg.new_tensor(None), trained)

    def forward(self, *inputs, **options):
        x = gg.new_tensor(None)
        for value in inputs:
            if gg.is_tensor(value):
                x = value
        return torch.mm(torch.mm(x, self.first), self.last)


class Criterion(nn.Module):
    """A loss, as far as it is sure to be one: a gradient flows to all that it compares. What it keeps of them is not known."""

    def forward(self, *inputs, **options):
        total = torch.zeros(())
        for value in inputs:
            if gg.is_tensor(value):
                total = total + value.sum()
        return total
