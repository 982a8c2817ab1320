"""torch.optim.SGD."""

import _gradguard as gg

from torch.optim.optimizer import Fusable


class SGD(Fusable):
    def __init__(
        self,
        params,
        lr=1e-3,
        momentum=0,
        dampening=0,
        weight_decay=0,
        nesterov=False,
        *,
        maximize=False,
        foreach=None,
        differentiable=False,
        fused=None,
    ):
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _update(self, group):
        super()._update(group)
        if group.get("nesterov") is True and group.get("foreach") is True:
            # Only this combination adds the momentum into the gradient itself (measured).
            gg.write_each(gg.gradients(group["params"]), "step")
