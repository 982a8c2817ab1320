"""torch.nn.parallel.DistributedDataParallel."""

import contextlib

import _gradguard as gg

from torch.nn.modules.module import Module


class DistributedDataParallel(Module):
    def __init__(self, module, device_ids=None, output_device=None, dim=0, broadcast_buffers=True, *args, **kwargs):
        self.module = module
        self.device_ids = device_ids
        self.broadcast_buffers = broadcast_buffers
        self.require_backward_grad_sync = True

    def forward(self, *inputs, **kwargs):
        if self.training and self.broadcast_buffers:
            self._sync_buffers()
        return self.module(*inputs, **kwargs)

    def _sync_buffers(self):
        # Each training forward copies rank 0's buffers into this rank's, in place under no_grad.
        for buffer in self.module.buffers():
            gg.write(buffer, "copy_")

    def no_sync(self):
        return contextlib.nullcontext()

    def join(self, *args, **kwargs):
        return contextlib.nullcontext()

    def register_comm_hook(self, state, hook):
        pass

    def _set_static_graph(self):
        pass
