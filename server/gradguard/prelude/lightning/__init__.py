"""lightning: the new name of pytorch_lightning."""
# ruff: noqa: I001

from pytorch_lightning import Callback
from pytorch_lightning import LightningDataModule
from pytorch_lightning import LightningModule
from pytorch_lightning import Trainer
from pytorch_lightning import seed_everything
from lightning.fabric import Fabric
