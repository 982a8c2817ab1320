"""torch.utils.checkpoint."""

import contextlib

import _gradguard as gg


def checkpoint(
    function,
    *args,
    use_reentrant=None,
    context_fn=None,
    determinism_check="default",
    debug=False,
    early_stop=True,
    preserve_rng_state=True,
    **kwargs,
):
    # Left out, `use_reentrant` is true (measured).
    return gg.checkpoint(function, args, kwargs, use_reentrant is not False)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, preserve_rng_state=True):
    for layer in functions:
        input = checkpoint(layer, input, use_reentrant=use_reentrant)
    return input


def set_checkpoint_early_stop(enable):
    return contextlib.nullcontext()


def set_checkpoint_debug_enabled(enabled):
    return contextlib.nullcontext()


def noop_context_fn():
    return contextlib.nullcontext(), contextlib.nullcontext()
