"""torch.utils."""
# ruff: noqa: I001

from torch.utils import checkpoint
from torch.utils import data
from torch.utils import hooks
