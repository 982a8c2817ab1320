"""Learning-rate schedules write no tensor; after a step the rates are not known."""

import _gradguard as gg


class LRScheduler:
    def __init__(self, optimizer, *args, **kwargs):
        self.optimizer = optimizer
        self.last_epoch = 0
        self.base_lrs = gg.unknown()

    def step(self, *args, **kwargs):
        self.last_epoch += 1
        if not gg.is_unknown(self.optimizer):
            for group in self.optimizer.param_groups:
                group["lr"] = gg.unknown()

    def get_last_lr(self):
        return [gg.unknown() for _ in self.optimizer.param_groups]

    def get_lr(self):
        return self.get_last_lr()

    def print_lr(self, *args, **kwargs):
        pass

    def state_dict(self):
        return {"last_epoch": self.last_epoch}

    def load_state_dict(self, state_dict):
        self.last_epoch = gg.unknown()


_LRScheduler = LRScheduler


class LambdaLR(LRScheduler):
    pass


class MultiplicativeLR(LRScheduler):
    pass


class StepLR(LRScheduler):
    pass


class MultiStepLR(LRScheduler):
    pass


class ConstantLR(LRScheduler):
    pass


class LinearLR(LRScheduler):
    pass


class ExponentialLR(LRScheduler):
    pass


class PolynomialLR(LRScheduler):
    pass


class CosineAnnealingLR(LRScheduler):
    pass


class CosineAnnealingWarmRestarts(LRScheduler):
    pass


class ReduceLROnPlateau(LRScheduler):
    pass


class CyclicLR(LRScheduler):
    pass


class OneCycleLR(LRScheduler):
    pass


class ChainedScheduler(LRScheduler):
    def __init__(self, schedulers, optimizer=None):
        super().__init__(schedulers[0].optimizer)


class SequentialLR(LRScheduler):
    pass
