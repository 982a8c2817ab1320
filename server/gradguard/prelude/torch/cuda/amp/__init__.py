"""torch.cuda.amp: the old names."""

from torch.amp.autocast_mode import autocast as _autocast
from torch.amp.autocast_mode import custom_bwd, custom_fwd
from torch.amp.grad_scaler import GradScaler as _GradScaler


class autocast(_autocast):
    def __init__(self, enabled=True, dtype=None, cache_enabled=True):
        super().__init__("cuda", dtype, enabled)


class GradScaler(_GradScaler):
    def __init__(self, init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True):
        super().__init__("cuda", enabled=enabled)
