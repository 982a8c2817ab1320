"""torch.nn.parallel: on one device the wrapper calls its module."""
# ruff: noqa: I001

from torch.nn.parallel.data_parallel import DataParallel
from torch.nn.parallel.distributed import DistributedDataParallel
