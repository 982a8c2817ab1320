"""torch.amp."""
# ruff: noqa: I001

from torch.amp.autocast_mode import autocast
from torch.amp.autocast_mode import custom_bwd
from torch.amp.autocast_mode import custom_fwd
from torch.amp.grad_scaler import GradScaler
