"""Averaged copies of a model."""

import copy

import _gradguard as gg

import torch
from torch.nn.modules.module import Module
from torch.optim.lr_scheduler import LRScheduler


class AveragedModel(Module):
    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        self.module = copy.deepcopy(model)
        self.register_buffer("n_averaged", gg.new_tensor((), torch.long))
        self.use_buffers = use_buffers

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def update_parameters(self, model):
        # The average is written under no_grad; the model is only read (measured).
        for parameter in self.module.parameters():
            gg.write(parameter, "copy_")
        for buffer in self.module.buffers():
            gg.write(buffer, "copy_")
        gg.write(self.n_averaged, "add_")


def get_ema_multi_avg_fn(decay=0.999):
    return None


def get_swa_multi_avg_fn():
    return None


def get_ema_avg_fn(decay=0.999):
    return None


def get_swa_avg_fn():
    return None


def update_bn(loader, model, device=None):
    # Each batch resets and then accumulates the running statistics.
    for buffer in model.buffers():
        gg.write(buffer, "zero_")


class SWALR(LRScheduler):
    pass
