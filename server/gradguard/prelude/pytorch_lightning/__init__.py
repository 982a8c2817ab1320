"""Lightning: a module with some manners; who calls its steps, and with what, is out of view."""

import _gradguard as gg
from torch.nn.modules.module import Module


class LightningModule(Module):
    @property
    def hparams(self):
        return gg.unknown()

    @property
    def trainer(self):
        return gg.unknown()

    @property
    def logger(self):
        return gg.unknown()

    @property
    def device(self):
        return gg.unknown()

    @property
    def current_epoch(self):
        return gg.unknown()

    @property
    def global_step(self):
        return gg.unknown()

    def log(self, *args, **kwargs):
        pass

    def log_dict(self, *args, **kwargs):
        pass

    def print(self, *args, **kwargs):
        pass

    def save_hyperparameters(self, *args, **kwargs):
        pass

    def manual_backward(self, loss, *args, **kwargs):
        loss.backward(*args, **kwargs)

    def optimizers(self, use_pl_optimizer=True):
        if "_configured" not in self.__dict__:
            self.__dict__["_configured"] = _optimizers_in(self.configure_optimizers())
        made = self.__dict__["_configured"]
        return made[0] if len(made) == 1 else made

    def configure_optimizers(self):
        return gg.unknown()

    def lr_schedulers(self):
        return gg.unknown()

    def toggle_optimizer(self, optimizer):
        pass

    def untoggle_optimizer(self, optimizer):
        pass

    def clip_gradients(self, optimizer, gradient_clip_val=None, gradient_clip_algorithm=None):
        pass

    def freeze(self):
        self.requires_grad_(False)
        self.eval()

    def unfreeze(self):
        self.requires_grad_(True)
        self.train()

    def all_gather(self, data, group=None, sync_grads=False):
        return gg.unknown()

    @classmethod
    def load_from_checkpoint(cls, *args, **kwargs):
        return gg.unknown()


def _optimizers_in(configured):
    """The optimizers among what `configure_optimizers` may return: one, several, with schedulers, or in dicts."""
    if isinstance(configured, tuple) and len(configured) == 2 and isinstance(configured[0], list):
        configured = configured[0]
    several = configured if isinstance(configured, (list, tuple)) else [configured]
    return [each["optimizer"] if isinstance(each, dict) else each for each in several]


class LightningDataModule:
    def save_hyperparameters(self, *args, **kwargs):
        pass


class Callback:
    pass


class Trainer:
    def __init__(self, *args, **kwargs):
        pass

    def fit(self, *args, **kwargs):
        pass

    def test(self, *args, **kwargs):
        return gg.unknown()

    def validate(self, *args, **kwargs):
        return gg.unknown()

    def predict(self, *args, **kwargs):
        return gg.unknown()


def seed_everything(seed=None, workers=False, verbose=True):
    return seed
