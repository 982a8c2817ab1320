"""torch.func.functional_call: the module runs with other tensors in the place of its own."""

import _gradguard as gg


def functional_call(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False):
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    if gg.is_unknown(parameter_and_buffer_dicts):
        return gg.unknown()
    given = parameter_and_buffer_dicts
    if isinstance(given, (tuple, list)):
        given = {name: value for part in given for name, value in part.items()}
    replaced = []
    for path, value in given.items():
        owner, _, name = path.rpartition(".")
        owner = module.get_submodule(owner)
        replaced.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)
    try:
        return module(*args, **(kwargs or {}))
    finally:
        for owner, name, value in replaced:
            setattr(owner, name, value)
