"""torch.optim.ASGD."""

import _gradguard as gg

from torch.optim.optimizer import BuiltIn


class ASGD(BuiltIn):
    def __init__(
        self,
        params,
        lr=1e-2,
        lambd=1e-4,
        alpha=0.75,
        t0=1e6,
        weight_decay=0,
        foreach=None,
        maximize=False,
        differentiable=False,
        capturable=False,
    ):
        super().__init__(
            params,
            {
                "lr": lr,
                "lambd": lambd,
                "alpha": alpha,
                "t0": t0,
                "weight_decay": weight_decay,
                "maximize": maximize,
                "foreach": foreach,
            },
        )

    def _writes_twice(self, group):
        return not gg.sure(group["foreach"])
