"""torch.optim.LBFGS."""

import _gradguard as gg

from torch.optim.optimizer import BuiltIn, _evaluated


class LBFGS(BuiltIn):
    def __init__(
        self,
        params,
        lr=1,
        max_iter=20,
        max_eval=None,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        history_size=100,
        line_search_fn=None,
    ):
        super().__init__(params, {"lr": lr, "max_iter": max_iter, "history_size": history_size})

    def step(self, closure):
        # It evaluates, moves all parameters whether they have a gradient or not, and evaluates again (measured).
        loss = _evaluated(closure)
        rounds = self.param_groups[0]["max_iter"]
        rounds = 2 if gg.is_unknown(rounds) else rounds
        for done in range(1, min(rounds, 2) + 1):
            for group in self.param_groups:
                gg.write_each(group["params"], "step")
            if done != rounds:
                _evaluated(closure)
        return loss
