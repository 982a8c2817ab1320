"""lightning.fabric: what it sets up behaves as before; it calls `backward` for the program."""

import contextlib

import _gradguard as gg


class Fabric:
    is_global_zero = True
    global_rank = 0
    world_size = 1

    def __init__(self, *args, **kwargs):
        self.device = gg.unknown()

    def launch(self, *args, **kwargs):
        pass

    def setup(self, module, *optimizers, **kwargs):
        return (module, *optimizers) if optimizers else module

    def setup_module(self, module, **kwargs):
        return module

    def setup_optimizers(self, *optimizers):
        return optimizers[0] if len(optimizers) == 1 else optimizers

    def setup_dataloaders(self, *loaders, **kwargs):
        return loaders[0] if len(loaders) == 1 else loaders

    def backward(self, tensor, *args, model=None, **kwargs):
        tensor.backward(*args, **kwargs)

    def clip_gradients(self, *args, **kwargs):
        pass

    def autocast(self):
        return contextlib.nullcontext()

    def no_backward_sync(self, module, enabled=True):
        return contextlib.nullcontext()

    def print(self, *args, **kwargs):
        pass

    def log(self, *args, **kwargs):
        pass

    def log_dict(self, *args, **kwargs):
        pass

    def save(self, *args, **kwargs):
        pass

    def seed_everything(self, seed=None, workers=None):
        return seed
