"""torch.utils.data."""
# ruff: noqa: I001

from torch.utils.data.dataloader import DataLoader
from torch.utils.data.dataloader import default_collate
from torch.utils.data.dataset import ChainDataset
from torch.utils.data.dataset import ConcatDataset
from torch.utils.data.dataset import Dataset
from torch.utils.data.dataset import IterableDataset
from torch.utils.data.dataset import StackDataset
from torch.utils.data.dataset import Subset
from torch.utils.data.dataset import TensorDataset
from torch.utils.data.dataset import random_split
from torch.utils.data.sampler import BatchSampler
from torch.utils.data.sampler import RandomSampler
from torch.utils.data.sampler import Sampler
from torch.utils.data.sampler import SequentialSampler
from torch.utils.data.sampler import SubsetRandomSampler
from torch.utils.data.sampler import WeightedRandomSampler
from torch.utils.data.sampler import DistributedSampler


def get_worker_info():
    return None
