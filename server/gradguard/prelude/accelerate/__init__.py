"""accelerate: what it prepares behaves as before; it calls `backward` for the program."""

import contextlib

import _gradguard as gg
from torch.amp.autocast_mode import autocast
from torch.nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_


class Accelerator:
    is_main_process = True
    is_local_main_process = True
    process_index = 0
    num_processes = 1
    sync_gradients = True

    def __init__(self, *args, mixed_precision=None, **kwargs):
        self.mixed_precision = mixed_precision
        self.device = gg.unknown()

    def prepare(self, *args, **kwargs):
        return args[0] if len(args) == 1 else args

    def prepare_model(self, model, *args, **kwargs):
        return model

    def prepare_optimizer(self, optimizer, *args, **kwargs):
        return optimizer

    def backward(self, loss, **kwargs):
        loss.backward(**kwargs)

    def clip_grad_norm_(self, parameters, max_norm, norm_type=2):
        return clip_grad_norm_(parameters, max_norm)

    def clip_grad_value_(self, parameters, clip_value):
        clip_grad_value_(parameters, clip_value)

    def unwrap_model(self, model, *args, **kwargs):
        return model

    def autocast(self, *args, **kwargs):
        return autocast(enabled=self.mixed_precision in ("fp16", "bf16"))

    def accumulate(self, *models):
        return contextlib.nullcontext()

    def no_sync(self, model):
        return contextlib.nullcontext()

    def main_process_first(self):
        return contextlib.nullcontext()

    def gather(self, tensor):
        return gg.unknown()

    def gather_for_metrics(self, input_data, *args, **kwargs):
        return gg.unknown()

    def reduce(self, tensor, *args, **kwargs):
        return gg.unknown()

    def wait_for_everyone(self):
        pass

    def print(self, *args, **kwargs):
        pass

    def log(self, *args, **kwargs):
        pass

    def init_trackers(self, *args, **kwargs):
        pass

    def save_state(self, *args, **kwargs):
        pass

    def load_state(self, *args, **kwargs):
        pass

    def end_training(self):
        pass
