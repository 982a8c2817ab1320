"""lightning: the new name of pytorch_lightning."""

from pytorch_lightning import Callback, LightningDataModule, LightningModule, Trainer, seed_everything
