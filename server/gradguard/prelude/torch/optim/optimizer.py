"""torch.optim.Optimizer, and the one thing about a step that autograd sees: which tensors it writes, and how."""

from collections import defaultdict

import _gradguard as gg

from torch.utils.hooks import RemovableHandle


class Optimizer:
    _hooks = None

    def __init__(self, params, defaults):
        self.defaults = defaults
        self.state = defaultdict(dict)
        self.param_groups = []
        if gg.is_unknown(params):
            return
        groups = list(params)
        if not (groups and isinstance(groups[0], dict)):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group):
        params = param_group["params"]
        params = [params] if gg.is_tensor(params) else list(params)
        param_group["params"] = [p[1] if isinstance(p, tuple) else p for p in params]
        for name, default in self.defaults.items():
            param_group.setdefault(name, default)
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none=True):
        for group in self.param_groups:
            if set_to_none:
                gg.drop_gradients(group["params"])
            else:
                for gradient in gg.gradients(group["params"]):
                    gradient.detach_()
                    gradient.zero_()

    def step(self, closure=None):
        loss = None if closure is None else _evaluated(closure)
        for group in self.param_groups:
            self._update(group)
        if self._hooks is not None:
            for handle in self._hooks:
                handle.function(self, (closure,), {})
        return loss

    def _update(self, group):
        # Only what has a gradient is written (measured).
        times = 2 if self._writes_twice(group) else 1
        gg.write_each(gg.with_gradient(group["params"]), "step", times)

    def _writes_twice(self, group):
        return False

    def state_dict(self):
        return {"state": gg.unknown(), "param_groups": gg.unknown()}

    def load_state_dict(self, state_dict):
        pass

    def register_step_post_hook(self, hook):
        handle = RemovableHandle(self, "step", hook)
        self._hooks = [*(self._hooks or []), handle]
        return handle

    def register_step_pre_hook(self, hook):
        return RemovableHandle(self, "step", hook)

    def profile_hook_step(self, func):
        return func


def _evaluated(closure):
    # The closure runs with grad mode on, whatever it was outside (measured).
    previous = gg.grad_enabled()
    gg.set_grad_enabled(True)
    loss = closure()
    gg.set_grad_enabled(previous)
    return loss


class BuiltIn(Optimizer):
    """The optimizers of torch: what they remember of each parameter is not followed."""

    def __init__(self, params, defaults):
        super().__init__(params, defaults)
        self.state = gg.unknown()


class Decoupled(BuiltIn):
    """Decays the weights in a write of its own (measured)."""

    def _writes_twice(self, group):
        return gg.sure(group["weight_decay"] != 0)


class Fusable(BuiltIn):
    def _update(self, group):
        if group.get("fused") is True:
            for p in gg.with_gradient(group["params"]):
                # The fused kernels change the memory and leave the version as it was (measured).
                gg.write_past_counter(p, "fused", "step")
        else:
            super()._update(group)
