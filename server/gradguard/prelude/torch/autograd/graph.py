"""torch.autograd.graph: hooks on saved tensors switch the version check off (measured)."""

import _gradguard as gg


class saved_tensors_hooks:
    def __init__(self, pack_hook, unpack_hook):
        pass

    def __enter__(self):
        gg.saved_tensors_hooks(True)
        return self

    def __exit__(self, *exception):
        gg.saved_tensors_hooks(False)


class save_on_cpu(saved_tensors_hooks):
    def __init__(self, pin_memory=False, device_type="cuda"):
        pass


class allow_mutation_on_saved_tensors(saved_tensors_hooks):
    def __init__(self):
        pass


class disable_saved_tensors_hooks:
    def __init__(self, error_message):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass


def increment_version(tensor):
    for one in [tensor] if gg.is_tensor(tensor) else tensor:
        gg.write(one, "increment_version")
