"""torch.optim.NAdam."""

from torch.optim.optimizer import BuiltIn


class NAdam(BuiltIn):
    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        momentum_decay=4e-3,
        decoupled_weight_decay=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
    ):
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum_decay": momentum_decay,
                "maximize": maximize,
                "foreach": foreach,
            },
        )

    def _writes_twice(self, group):
        return True
