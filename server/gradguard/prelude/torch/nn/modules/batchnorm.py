"""Batch normalisation."""

import _gradguard as gg

import torch
import torch.nn.functional as F
from torch.nn.modules.module import Module


class _NormBase(Module):
    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        device=None,
        dtype=None,
        *,
        bias=True,
    ):
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.weight = gg.parameter(gg.initialised((num_features,), dtype)) if affine else None
        self.bias = gg.parameter(gg.initialised((num_features,), dtype)) if affine and bias else None
        self._make_statistics(num_features, dtype)

    def _make_statistics(self, num_features, dtype):
        tracked = self.track_running_stats
        self._buffer_names = {"running_mean": True, "running_var": True, "num_batches_tracked": True}
        self.running_mean = gg.initialised((num_features,), dtype, filled=0) if tracked else None
        self.running_var = gg.initialised((num_features,), dtype, filled=1) if tracked else None
        self.num_batches_tracked = gg.initialised((), torch.long, filled=0) if tracked else None

    def reset_running_stats(self):
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self):
        self.reset_running_stats()

    def _check_input_dim(self, input):
        pass


class _BatchNorm(_NormBase):
    def forward(self, input):
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        return F.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or self.running_mean is None,
            self.momentum,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    pass


class BatchNorm2d(_BatchNorm):
    pass


class BatchNorm3d(_BatchNorm):
    pass


class SyncBatchNorm(_BatchNorm):
    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, process_group=None, **kwargs
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, **kwargs)
        self.process_group = process_group

    @classmethod
    def convert_sync_batchnorm(cls, module, process_group=None):
        # Every BatchNorm is replaced by one that shares its parameters and behaves alike.
        return module


class LazyBatchNorm1d(BatchNorm1d):
    def __init__(self, *args, **kwargs):
        super().__init__(gg.unknown(), *args, **kwargs)


class LazyBatchNorm2d(BatchNorm2d):
    def __init__(self, *args, **kwargs):
        super().__init__(gg.unknown(), *args, **kwargs)


class LazyBatchNorm3d(BatchNorm3d):
    def __init__(self, *args, **kwargs):
        super().__init__(gg.unknown(), *args, **kwargs)
