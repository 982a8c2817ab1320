"""AdaptiveLogSoftmaxWithLoss: its parameters are followed, what it computes is not."""

import _gradguard as gg

from torch.nn.modules.container import ModuleList, Sequential
from torch.nn.modules.linear import Linear
from torch.nn.modules.module import Module


class AdaptiveLogSoftmaxWithLoss(Module):
    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None, dtype=None):
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = list(cutoffs) + [n_classes]
        self.head = Linear(in_features, gg.unknown(), head_bias)
        self.tail = ModuleList(
            [
                Sequential(Linear(in_features, gg.unknown(), False), Linear(gg.unknown(), gg.unknown(), False))
                for _ in cutoffs
            ]
        )

    def forward(self, input_, target_):
        return gg.unknown()

    def log_prob(self, input):
        return gg.unknown()

    def predict(self, input):
        return gg.unknown()
