"""Instance normalisation: nothing is learnt or tracked unless asked for."""

import _gradguard as gg

import torch.nn.functional as F
from torch.nn.modules.batchnorm import _NormBase


class _InstanceNorm(_NormBase):
    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=False, track_running_stats=False, device=None, dtype=None
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)

    def forward(self, input):
        return F.instance_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum,
            self.eps,
        )


class InstanceNorm1d(_InstanceNorm):
    pass


class InstanceNorm2d(_InstanceNorm):
    pass


class InstanceNorm3d(_InstanceNorm):
    pass


class LazyInstanceNorm1d(InstanceNorm1d):
    def __init__(self, *args, **kwargs):
        super().__init__(gg.unknown(), *args, **kwargs)


class LazyInstanceNorm2d(InstanceNorm2d):
    def __init__(self, *args, **kwargs):
        super().__init__(gg.unknown(), *args, **kwargs)


class LazyInstanceNorm3d(InstanceNorm3d):
    def __init__(self, *args, **kwargs):
        super().__init__(gg.unknown(), *args, **kwargs)
