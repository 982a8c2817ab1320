"""Samplers choose indices, which no one here needs to know."""

import _gradguard as gg


class Sampler:
    def __init__(self, data_source=None, *args, **kwargs):
        self.data_source = data_source

    def __iter__(self):
        return iter([gg.unknown(), gg.unknown()])

    def __len__(self):
        return gg.unknown()


class SequentialSampler(Sampler):
    pass


class RandomSampler(Sampler):
    pass


class SubsetRandomSampler(Sampler):
    pass


class WeightedRandomSampler(Sampler):
    pass


class BatchSampler(Sampler):
    pass


class DistributedSampler(Sampler):
    def set_epoch(self, epoch):
        pass
