"""torch.optim.SparseAdam."""

from torch.optim.optimizer import BuiltIn


class SparseAdam(BuiltIn):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
