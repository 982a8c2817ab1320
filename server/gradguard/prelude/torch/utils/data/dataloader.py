"""torch.utils.data.DataLoader: fresh batches, a few rounds of them."""

import _gradguard as gg

import torch
from torch.utils.data.dataset import IterableDataset

# Enough for a training loop to meet its own past, and for every batch to be a new one.
ROUNDS = 3


class DataLoader:
    def __init__(
        self,
        dataset,
        batch_size=1,
        shuffle=None,
        sampler=None,
        batch_sampler=None,
        num_workers=0,
        collate_fn=None,
        pin_memory=False,
        drop_last=False,
        *args,
        **kwargs,
    ):
        self.dataset = dataset
        self.batch_size = gg.unknown() if batch_sampler is not None else batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.drop_last = drop_last

    def __len__(self):
        if gg.is_unknown(self.dataset):
            return gg.unknown()
        count = len(self.dataset)
        if self.batch_size is None:
            return count
        return count // self.batch_size if self.drop_last else (count + self.batch_size - 1) // self.batch_size

    def _rounds(self):
        if isinstance(self.dataset, IterableDataset):
            return ROUNDS
        count = len(self)
        return ROUNDS if gg.is_unknown(count) else min(count, ROUNDS)

    def __iter__(self):
        if gg.is_unknown(self.dataset):
            for _ in range(ROUNDS):
                yield gg.unknown()
        else:
            for _ in range(self._rounds()):
                yield self._batch()

    def _item(self):
        if isinstance(self.dataset, IterableDataset):
            return next(iter(self.dataset))
        return self.dataset[0]

    def _batch(self):
        item = self._item()
        if self.batch_size is None:
            return item
        if self.collate_fn is not None:
            size = 2 if gg.is_unknown(self.batch_size) else min(self.batch_size, 8)
            return self.collate_fn([item] * size)
        return _collated(item, self._size())

    def _size(self):
        # The last batch may be a smaller one.
        if gg.is_unknown(self.batch_size) or isinstance(self.dataset, IterableDataset) or self.drop_last:
            return self.batch_size
        count = len(self.dataset)
        if gg.is_unknown(count) or count < self.batch_size:
            return count
        return self.batch_size if count % self.batch_size == 0 else gg.unknown()


def _collated(item, size):
    if gg.is_unknown(item):
        return item
    if gg.is_tensor(item):
        shape = item.shape
        if item.requires_grad or gg.is_unknown(shape):
            return torch.stack([item, item])
        return gg.new_tensor((size, *shape), item.dtype)
    if isinstance(item, bool) or isinstance(item, int):
        return gg.new_tensor((size,), torch.long)
    if isinstance(item, float):
        return gg.new_tensor((size,), torch.double)
    if isinstance(item, dict):
        return {name: _collated(value, size) for name, value in item.items()}
    if isinstance(item, (tuple, list)):
        return [_collated(value, size) for value in item]
    return gg.unknown()


def default_collate(batch):
    return _collated(batch[0], len(batch))
