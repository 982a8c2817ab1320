"""GradScaler."""

import _gradguard as gg


class GradScaler:
    def __init__(
        self,
        device="cuda",
        init_scale=65536.0,
        growth_factor=2.0,
        backoff_factor=0.5,
        growth_interval=2000,
        enabled=True,
    ):
        self.enabled = enabled

    def is_enabled(self):
        return self.enabled

    def scale(self, outputs):
        if not self.enabled:
            return outputs
        if gg.is_tensor(outputs):
            return outputs * gg.new_tensor(())
        return gg.unknown() if gg.is_unknown(outputs) else [self.scale(output) for output in outputs]

    def unscale_(self, optimizer):
        if not self.enabled:
            return
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    # Divided in place, and the version stays as it was (measured).
                    gg.write_past_counter(p.grad, "fused", "unscale_")

    def step(self, optimizer, *args, **kwargs):
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale=None):
        pass

    def get_scale(self):
        return gg.unknown()

    def state_dict(self):
        return gg.unknown()

    def load_state_dict(self, state_dict):
        pass
